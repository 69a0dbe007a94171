package io.mdfuse.raid.stripe;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Solves bytes of a slot that are to be written to an image for good. It lives apart from {@link StripeReader} because
 * that one gives the best answer that there is, and this one an answer only if it is certain: the parity is known to be
 * right, and if both P and Q can tell, they agree. It writes nothing.
 */
public final class CertainSolver {
    /** What became of a range. */
    public enum Outcome {
        /** The target has the content. */
        SOLVED,
        /** Too many slots lack all of the range. */
        LOST,
        /** Too many slots lack a part of the range; smaller ranges may be solved. */
        LOST_IN_PART,
        /** Parity is not known to be right in all of the range. */
        IN_DOUBT,
        /** Nothing was written there since the array was made, or since a trim: no parity says what the range has. */
        NEVER_WRITTEN,
        /** P and Q give different content: a block of another slot is silently wrong. */
        CONTRADICTORY
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeSolver solver;

    /** A slot turned out to be unreadable. */
    private static final class SlotUnreadable extends Exception {
        private static final long serialVersionUID = 1;

        private final int slot;

        SlotUnreadable(int slot, DeviceException cause) {
            super(cause);
            this.slot = slot;
        }
    }

    public CertainSolver(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition) {
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.solver = new StripeSolver(geometry);
    }

    /** Scratch memory that solving takes, as a multiple of the bytes that are solved. */
    public static int workFactor(ArrayGeometry geometry) {
        return StripeSolver.workFactor(geometry) + 1;
    }

    /**
     * Fills {@code target} with the slot's bytes from {@code memberOffsetBytes} on, if they are certain; the range lies
     * within one chunk. The slot's own member is not read.
     *
     * @param lease covers the stripes of the range
     * @param work scratch memory: {@link #workFactor} times the size of the target
     */
    public Outcome solve(
            StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target, MemorySegment work) {
        long lengthBytes = target.byteSize();
        StripeRange stripes = StripeRange.coveringBytes(memberOffsetBytes, lengthBytes);
        lease.require(stripes);
        BitSet lost = new BitSet(geometry.raidDisks());
        BitSet lostInFull = new BitSet(geometry.raidDisks());
        lost.set(slot);
        lostInFull.set(slot);
        for (int other = 0; other < geometry.raidDisks(); other++) {
            Member member = members.readable(other, stripes.endSector());
            if (member == null || member.listsBad(memberOffsetBytes, lengthBytes)) {
                lost.set(other);
                lostInFull.set(other, member == null || member.listsAllBad(memberOffsetBytes, lengthBytes));
            }
        }
        lostInFull.set(slot);
        if (!solver.canSolve(lost)) {
            return solver.canSolve(lostInFull) ? Outcome.LOST_IN_PART : Outcome.LOST;
        }
        if (!syncPosition.trustsParity(stripes) || syncPosition.isNeverMade(stripes)) {
            return syncPosition.isNeverWritten(stripes) ? Outcome.NEVER_WRITTEN : Outcome.IN_DOUBT;
        }
        while (solver.canSolve(lost)) {
            try {
                solve(slot, lost, memberOffsetBytes, target, work);
                boolean certain = geometry.layout().parityCount() == 1
                        || lost.cardinality() > 1
                        || otherParityAgrees(slot, lost, memberOffsetBytes, target, work);
                return certain ? Outcome.SOLVED : Outcome.CONTRADICTORY;
            } catch (SlotUnreadable e) {
                // A read failed that nothing had announced.
                lost.set(e.slot);
            }
        }
        return Outcome.LOST_IN_PART;
    }

    private boolean otherParityAgrees(
            int slot, BitSet lost, long memberOffsetBytes, MemorySegment solved, MemorySegment work)
            throws SlotUnreadable {
        long row = geometry.rowOfStripe(memberOffsetBytes / Sectors.BYTES);
        BitSet withoutAnother = (BitSet) lost.clone();
        withoutAnother.set(geometry.dataIndex(row, slot) >= 0 ? geometry.parityP(row) : geometry.dataSlot(row, 0));
        long lengthBytes = solved.byteSize();
        MemorySegment again = work.asSlice(work.byteSize() - lengthBytes, lengthBytes);
        solve(slot, withoutAnother, memberOffsetBytes, again, work);
        return again.mismatch(solved) < 0;
    }

    private void solve(int slot, BitSet lost, long memberOffsetBytes, MemorySegment target, MemorySegment work)
            throws SlotUnreadable {
        long row = geometry.rowOfStripe(memberOffsetBytes / Sectors.BYTES);
        solver.solve(row, slot, lost, (other, tile) -> read(other, memberOffsetBytes, tile), target, work);
    }

    private void read(int slot, long memberOffsetBytes, MemorySegment target) throws SlotUnreadable {
        Member member = members.member(slot);
        try {
            if (member == null) {
                throw new DeviceException("slot " + slot, "read", memberOffsetBytes, target.byteSize(), "no member");
            }
            member.read(memberOffsetBytes, target);
        } catch (DeviceException e) {
            throw new SlotUnreadable(slot, e);
        }
    }
}
