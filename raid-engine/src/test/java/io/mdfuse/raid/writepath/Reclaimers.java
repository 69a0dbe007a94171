package io.mdfuse.raid.writepath;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Small logs with their reclaimers, over three members. */
final class Reclaimers {
    private static final int BLOCKS = 64;

    private Reclaimers() {}

    static Journal journal() throws IOException {
        LogArea area = new LogArea(new CrashDisk("journal", BLOCKS * 4096L), 0, BLOCKS * 8L);
        return Journal.startAt(area, new LogChecksum(new byte[16]), tail -> {}, new LogPosition(0, 1));
    }

    /** A reclaimer that runs its background work at once. */
    static Reclaimer of(Journal journal) {
        List<Member> members = new ArrayList<>();
        for (int slot = 0; slot < 3; slot++) {
            members.add(new Member(slot, new CrashDisk("disk" + slot, 64 * 512), 0));
        }
        return new Reclaimer(journal, new MemberSet(members, 1, _ -> {}, Runnable::run), Runnable::run);
    }
}
