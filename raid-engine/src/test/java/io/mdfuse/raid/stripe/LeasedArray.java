package io.mdfuse.raid.stripe;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The stripe level of a small RAID-5 of zeros, to call its methods with leases of every kind. */
public final class LeasedArray implements AutoCloseable {
    private static final int MEMBER_SECTORS = 128;

    private final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, 64, MEMBER_SECTORS);
    private final MemberSet members;
    private final StripeParts parts;

    /** Creates the array, in sync. */
    public LeasedArray() {
        List<Member> made = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            made.add(new Member(slot, new CrashDisk("disk" + slot, MEMBER_SECTORS * 512L), 0));
        }
        members = new MemberSet(made, 1, _ -> {}, Runnable::run);
        SyncPosition syncPosition = new SyncPosition(ResyncOffset.inSync());
        StripeReader reader = new StripeReader(geometry, members, syncPosition, 1);
        parts = new StripeParts(
                geometry,
                members,
                new StripeLocks(),
                syncPosition,
                reader,
                new StripeCache(geometry, new BigStripeTree()),
                new ParityMaker(geometry, members, syncPosition, reader));
    }

    /** Its geometry. */
    public ArrayGeometry geometry() {
        return geometry;
    }

    /** Its members. */
    public MemberSet members() {
        return members;
    }

    /** All of its stripe level. */
    public StripeParts parts() {
        return parts;
    }

    /** One of its members. */
    Member member() {
        return Objects.requireNonNull(members.member(0));
    }

    /** A run of {@link LeaseProof#STRIPES} with parity. */
    public RunWrite run() {
        RunWrite run = VersionedRuns.of(geometry, LeaseProof.STRIPES.fromSector(), 2, 1, (byte) 1);
        run.setParity(blocks(2), null);
        return run;
    }

    /** Memory of so many blocks. */
    public static MemorySegment blocks(int count) {
        return Arena.ofAuto().allocate(count * 4096L, 4096);
    }

    @Override
    public void close() {
        parts.reader().close();
        parts.cache().close();
    }
}
