package io.mdfuse.raid.stripe;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Makes the new parity of a run: picks the plan, reads what it wants, and adds it up. */
public final class ParityMaker {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeReader stripeReader;

    /** Makes parity for one array. */
    public ParityMaker(
            ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, StripeReader stripeReader) {
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.stripeReader = stripeReader;
    }

    /**
     * Gives {@code run} its parity. The caller holds its stripes.
     *
     * @param parity where the parity goes: one block for each stripe
     * @param work room for one block of every slot for each stripe; what it holds afterwards is of no use
     */
    public void make(RunWrite run, MemorySegment parity, MemorySegment work) throws IOException {
        List<MemorySegment> sources = new ArrayList<>(2 * geometry.raidDisks());
        WritePlan plan = choosePlan(run);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment written = run.newData(index);
            if (written != null) {
                sources.add(written);
            }
            boolean wanted = (written == null && plan == WritePlan.RECONSTRUCT)
                    || (written != null && plan == WritePlan.READ_MODIFY_WRITE);
            if (wanted) {
                sources.add(readOld(run, geometry.dataSlot(run.row(), index), work, index));
            }
        }
        if (plan == WritePlan.READ_MODIFY_WRITE) {
            sources.add(readOld(run, geometry.parityP(run.row()), work, geometry.dataDisks()));
        }
        XorParity.sum(parity, sources);
        run.setParity(parity);
    }

    private WritePlan choosePlan(RunWrite run) {
        boolean writtenLost = false;
        boolean untouchedLost = false;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (members.inSync(geometry.dataSlot(run.row(), index)) == null) {
                writtenLost |= run.newData(index) != null;
                untouchedLost |= run.newData(index) == null;
            }
        }
        return WritePlan.choose(
                geometry.dataDisks(),
                run.writtenSlots(),
                writtenLost,
                untouchedLost,
                members.inSync(geometry.parityP(run.row())) == null,
                syncPosition.trustsParity(run.stripeSector(), run.endStripeSector()));
    }

    private MemorySegment readOld(RunWrite run, int slot, MemorySegment work, int place) throws IOException {
        MemorySegment old = work.asSlice(place * run.bytesPerSlot(), run.bytesPerSlot());
        stripeReader.read(slot, run.memberOffsetBytes(), old);
        return old;
    }
}
