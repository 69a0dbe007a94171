package io.mdfuse.raid.stripe;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.StripeParity;
import io.mdfuse.raid.parity.XorParity;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the new parity of a run, P or P and Q: chooses the {@link WritePlan}, reads the blocks that the plan needs, and
 * sums them. The {@link StripeReader} solves those that are lost; at this time nothing has been written yet.
 */
public final class ParityMaker {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeReader stripeReader;

    /** Creates the parity maker of one array. */
    public ParityMaker(
            ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, StripeReader stripeReader) {
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.stripeReader = stripeReader;
    }

    /**
     * Gives {@code run} its parity.
     *
     * @param lease covers the run's stripes
     * @param p receives P: one block for each stripe
     * @param q receives Q; null if the level has none
     * @param work scratch memory: one block of every slot for each stripe
     */
    public void make(
            StripeLocks.Lease lease, RunWrite run, MemorySegment p, @Nullable MemorySegment q, MemorySegment work)
            throws IOException {
        lease.require(run.stripes());
        if ((q == null) != (geometry.layout().parityCount() == 1)) {
            throw new IllegalArgumentException("buffers for the wrong number of parities");
        }
        WritePlan plan = choosePlan(run);
        announceOld(run, plan);
        if (plan == WritePlan.READ_MODIFY_WRITE) {
            addDifferences(lease, run, p, q, work);
        } else {
            sumAll(lease, run, p, q, work);
            run.noteSumOfAllData();
        }
        run.setParity(p, q);
    }

    /**
     * The runs are on the members, with the parity made here. If it is the sum of all data, it is correct from now on;
     * parity made from differences is as correct as the old parity was.
     *
     * @param lease covers the stripes of all runs
     */
    void written(StripeLocks.Lease lease, List<RunWrite> runs) {
        for (RunWrite run : runs) {
            lease.require(run.stripes());
            if (run.hasSumOfAllData()) {
                syncPosition.noteParityMade(run.stripes());
            }
        }
    }

    private WritePlan choosePlan(RunWrite run) {
        boolean writtenLost = false;
        boolean untouchedLost = false;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (isLost(geometry.dataSlot(run.row(), index), run)) {
                writtenLost |= run.newData(index) != null;
                untouchedLost |= run.newData(index) == null;
            }
        }
        int slotOfQ = geometry.parityQ(run.row());
        return WritePlan.choose(
                geometry.dataDisks(),
                geometry.layout().parityCount(),
                run.writtenSlots(),
                writtenLost,
                untouchedLost,
                isLost(geometry.parityP(run.row()), run) || (slotOfQ >= 0 && isLost(slotOfQ, run)),
                syncPosition.trust(run.stripes()));
    }

    private boolean isLost(int slot, RunWrite run) {
        return members.isLost(slot, run.stripeSector(), run.endStripeSector());
    }

    private void addDifferences(
            StripeLocks.Lease lease, RunWrite run, MemorySegment p, @Nullable MemorySegment q, MemorySegment work)
            throws IOException {
        OldBlocks old = new OldBlocks(geometry, members, stripeReader, run);
        old.add(geometry.parityP(run.row()), p);
        if (q != null) {
            old.add(geometry.parityQ(run.row()), q);
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (run.newData(index) != null) {
                old.add(geometry.dataSlot(run.row(), index), slice(work, run, index));
            }
        }
        old.read(lease);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment written = run.newData(index);
            if (written == null) {
                continue;
            }
            MemorySegment difference = slice(work, run, index);
            XorParity.add(difference, written);
            if (q == null) {
                XorParity.add(p, difference);
            } else {
                DualParity.addDifference(p, q, geometry.exponent(run.row(), index), difference);
            }
        }
    }

    private void sumAll(
            StripeLocks.Lease lease, RunWrite run, MemorySegment p, @Nullable MemorySegment q, MemorySegment work)
            throws IOException {
        OldBlocks old = new OldBlocks(geometry, members, stripeReader, run);
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment data = run.newData(index);
            if (data == null) {
                data = slice(work, run, index);
                old.add(geometry.dataSlot(run.row(), index), data);
            }
            byExponent[geometry.exponent(run.row(), index)] = data;
        }
        old.read(lease);
        StripeParity.make(p, q, byExponent);
    }

    private static MemorySegment slice(MemorySegment work, RunWrite run, int index) {
        return work.asSlice(index * run.bytesPerSlot(), run.bytesPerSlot());
    }

    /**
     * Has every member load the blocks that will be read to make the run's parity. A caller with many runs announces
     * those to come, so that the members load the blocks of several runs at the same time.
     */
    public void announce(RunWrite run) {
        announceOld(run, choosePlan(run));
        run.noteAnnounced();
    }

    /**
     * So the members read side by side; and the host reads no more than these blocks, whereas it takes small reads that
     * happen to follow each other for a sequential reader, and reads megabytes ahead.
     */
    private void announceOld(RunWrite run, WritePlan plan) {
        if (run.isAnnounced()) {
            return;
        }
        boolean difference = plan == WritePlan.READ_MODIFY_WRITE;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if ((run.newData(index) != null) == difference) {
                announce(geometry.dataSlot(run.row(), index), run);
            }
        }
        if (difference) {
            announce(geometry.parityP(run.row()), run);
            int slotOfQ = geometry.parityQ(run.row());
            if (slotOfQ >= 0) {
                announce(slotOfQ, run);
            }
        }
    }

    private void announce(int slot, RunWrite run) {
        Member member = members.readable(slot, run.endStripeSector());
        if (member != null) {
            member.prefetch(run.memberOffsetBytes(), run.bytesPerSlot());
        }
    }
}
