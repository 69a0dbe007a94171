package io.mdfuse.raid.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.LogArea;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SoundStripe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One stripe's worth of journal, in every combination: which blocks it holds, which of their pages are damaged, and which
 * pages of the parity. As many damaged pages as there are good ones of parity are solved; beyond that exactly they are lost.
 */
class StripeReplayerTest {
    private static final int BLOCK = Sectors.BLOCK_BYTES;

    private static final int DISKS = 5;

    private final Random random = new Random(4);

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everyDamageIsSolvedOrSaid(ParityLayout layout) throws IOException {
        ArrayGeometry geometry = new ArrayGeometry(layout, DISKS, 8, 8L * DISKS);
        int all = 1 << geometry.dataDisks();
        for (long row = 0; row < DISKS; row += 2) {
            for (int logged = 1; logged < all; logged++) {
                for (int damaged = 0; damaged < all; damaged++) {
                    for (int parity = 0; (damaged & ~logged) == 0 && parity < 1 << layout.parityCount(); parity++) {
                        check(geometry, row, logged, damaged, parity);
                    }
                }
            }
        }
    }

    private void check(ArrayGeometry geometry, long row, int logged, int damaged, int intactParity) throws IOException {
        List<MemorySegment> old = SoundStripe.make(geometry, row, BLOCK, random);
        List<MemorySegment> fresh = SoundStripe.make(geometry, row, BLOCK, random);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if ((logged >> index & 1) == 0) {
                fresh.set(geometry.dataSlot(row, index), old.get(geometry.dataSlot(row, index)));
            }
        }
        SoundStripe.makeParity(geometry, row, fresh);

        boolean solvable = Integer.bitCount(damaged) <= Integer.bitCount(intactParity);
        List<MemorySegment> wanted =
                new ArrayList<>(fresh.stream().map(StripeReplayerTest::copy).toList());
        List<Integer> lost = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (!solvable && (damaged >> index & 1) == 1) {
                wanted.set(geometry.dataSlot(row, index), old.get(geometry.dataSlot(row, index)));
                lost.add(index);
            }
        }
        SoundStripe.makeParity(geometry, row, wanted);

        List<CrashDisk> disks = new ArrayList<>();
        List<Member> members = new ArrayList<>();
        for (int slot = 0; slot < DISKS; slot++) {
            disks.add(new CrashDisk("disk" + slot, geometry.memberSectors() * Sectors.BYTES));
            disks.getLast().write(row * BLOCK, old.get(slot));
            members.add(new Member(slot, disks.getLast(), 0));
        }
        CrashDisk log = new CrashDisk("journal", (DISKS + 2L) * BLOCK);
        StripeReplay stripe = writeLog(geometry, row, fresh, log, logged, damaged, intactParity);
        MemberSet memberSet = new MemberSet(members, geometry.layout().parityCount(), slot -> {}, Runnable::run);
        String words = geometry.layout() + " row " + row + ", logged " + Integer.toBinaryString(logged) + ", damaged "
                + Integer.toBinaryString(damaged) + ", good parity " + Integer.toBinaryString(intactParity);
        try (StripeReplayer replayer =
                new StripeReplayer(geometry, memberSet, new LogArea(log, 0, log.sizeBytes() / Sectors.BYTES))) {
            assertEquals(lost, replayer.replay(row * Sectors.PER_BLOCK, stripe), words);
        }
        for (int slot = 0; slot < DISKS; slot++) {
            MemorySegment found = MemorySegment.ofArray(new byte[BLOCK]);
            disks.get(slot).read(row * BLOCK, found);
            assertEquals(-1, found.mismatch(wanted.get(slot)), words + ", slot " + slot);
        }
    }

    /** Page i of the log holds what slot i is to hold; a damaged one holds something else. */
    private StripeReplay writeLog(
            ArrayGeometry geometry,
            long row,
            List<MemorySegment> fresh,
            CrashDisk log,
            int logged,
            int damaged,
            int intactParity)
            throws IOException {
        StripeReplay stripe =
                new StripeReplay(geometry.dataDisks(), geometry.layout().parityCount());
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if ((logged >> index & 1) == 1) {
                boolean intact = (damaged >> index & 1) == 0;
                int slot = geometry.dataSlot(row, index);
                stripe.data(index, writePage(log, slot, fresh, intact), intact);
            }
        }
        boolean pIntact = (intactParity & 1) == 1;
        long pPage = writePage(log, geometry.parityP(row), fresh, pIntact);
        if (geometry.parityQ(row) < 0) {
            stripe.parity(pPage, pIntact, JournalRecord.NO_PAGE, true);
        } else {
            boolean qIntact = (intactParity & 2) == 2;
            stripe.parity(pPage, pIntact, writePage(log, geometry.parityQ(row), fresh, qIntact), qIntact);
        }
        return stripe;
    }

    private long writePage(CrashDisk log, int slot, List<MemorySegment> fresh, boolean intact) throws IOException {
        byte[] noise = new byte[BLOCK];
        random.nextBytes(noise);
        log.write((long) slot * BLOCK, intact ? fresh.get(slot) : MemorySegment.ofArray(noise));
        return (long) slot * Sectors.PER_BLOCK;
    }

    private static MemorySegment copy(MemorySegment segment) {
        return MemorySegment.ofArray(segment.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    }
}
