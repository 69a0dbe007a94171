package io.mdfuse.raid.stripe;

import io.mdfuse.device.BufferPool;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reads one slot of some stripes, from its member or, where that can't be read, solved from the others: all but one of
 * RAID-4/5, all but two of RAID-6. What a member in sync could not give is put back on it ({@link BlockHealer}).
 *
 * <p>It takes a lease on the stripes: a solution is right only while data and parity belong together, and a block that
 * is put back must not meet a write. Each byte of a parity covers the bytes at its own place, so any range can be solved
 * alone.
 *
 * <p>Where somebody can't read, it goes on block by block: members that are bad in different places still have all
 * bytes between them, and only what is really bad is put back.
 */
public final class StripeReader {
    private static final Logger LOG = LoggerFactory.getLogger(StripeReader.class);

    /** How much is solved at a time. */
    private static final int TILE_BYTES = 64 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeSolver solver;
    private final BlockHealer healer;
    private final BufferPool buffers;
    private final int workBytes;
    private final boolean heals;

    /** A slot that was thought to be there can't be read. */
    private static final class SlotUnreadable extends Exception {
        private static final long serialVersionUID = 1;

        private final int slot;

        SlotUnreadable(int slot, @Nullable DeviceException cause) {
            super(cause);
            this.slot = slot;
        }
    }

    /**
     * Makes a reader.
     *
     * @param solvers how many threads may solve at once, at most
     */
    public StripeReader(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, int solvers) {
        this(geometry, members, syncPosition, solvers, true);
    }

    /**
     * Makes a reader.
     *
     * @param heals false for an array that is open read-only: what a member can't give is solved each time, and no
     *     member is given up because it does not take a block back
     */
    public StripeReader(
            ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, int solvers, boolean heals) {
        this.geometry = geometry;
        this.heals = heals;
        this.members = members;
        this.syncPosition = syncPosition;
        this.solver = new StripeSolver(geometry);
        this.healer = new BlockHealer(members);
        this.workBytes = StripeSolver.workFactor(geometry) * TILE_BYTES;
        this.buffers = new BufferPool(workBytes + 2 * Sectors.BLOCK_BYTES, solvers);
    }

    /**
     * Fills {@code target} from {@code memberOffsetBytes} of {@code slot}; the range lies within one chunk.
     *
     * @param lease covers the stripes of the range
     * @throws IOException where bytes are truly lost: neither the member nor the others can give them
     */
    public void read(StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target)
            throws IOException {
        lease.require(StripeRange.coveringBytes(memberOffsetBytes, target.byteSize()));
        try {
            readMember(slot, memberOffsetBytes, target);
        } catch (SlotUnreadable e) {
            Throwable cause = e.getCause();
            if (cause != null) {
                tell(slot, memberOffsetBytes, target.byteSize(), cause);
            }
            try (BufferPool.Lease buffer = buffers.acquire()) {
                if (cause != null) {
                    readBlocks(lease, slot, memberOffsetBytes, target, buffer.segment());
                } else {
                    solve(lease, slot, memberOffsetBytes, target, buffer.segment());
                }
            }
        }
    }

    /** What is listed as bad was told when it came to be, and may be asked for often. */
    private void tell(int slot, long memberOffsetBytes, long lengthBytes, Throwable cause) {
        Member member = members.member(slot);
        boolean known = member != null && member.knowsBad(memberOffsetBytes, lengthBytes);
        LOG.atLevel(known ? Level.DEBUG : Level.WARN).log("{}; looking at it block by block", cause.getMessage());
    }

    private void readMember(int slot, long memberOffsetBytes, MemorySegment target) throws SlotUnreadable {
        Member member = members.readable(slot, endStripeSector(memberOffsetBytes, target));
        if (member == null) {
            throw new SlotUnreadable(slot, null);
        }
        try {
            member.read(memberOffsetBytes, target);
        } catch (DeviceException e) {
            throw new SlotUnreadable(slot, e);
        }
    }

    private void solve(
            StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target, MemorySegment buffer)
            throws IOException {
        MemorySegment work = buffer.asSlice(0, workBytes);
        for (long done = 0; done < target.byteSize(); done += TILE_BYTES) {
            long tileBytes = Math.min(TILE_BYTES, target.byteSize() - done);
            MemorySegment tile = target.asSlice(done, tileBytes);
            if (!trustsParity(memberOffsetBytes + done, tileBytes)) {
                // Some of its stripes may be trusted nevertheless, for different reasons.
                readBlocks(lease, slot, memberOffsetBytes + done, tile, buffer);
                continue;
            }
            try {
                BitSet lost = lostSlots(endStripeSector(memberOffsetBytes + done, tile));
                lost.set(slot);
                requireSolvable(slot, memberOffsetBytes + done, tileBytes, lost, null);
                solve(slot, lost, memberOffsetBytes + done, tile, work);
            } catch (SlotUnreadable e) {
                LOG.debug("{}; trying it block by block", e.getMessage());
                readBlocks(lease, slot, memberOffsetBytes + done, tile, buffer);
            }
        }
    }

    /** Each block from the member or else solved, and then put back. */
    private void readBlocks(
            StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target, MemorySegment buffer)
            throws IOException {
        long endBytes = memberOffsetBytes + target.byteSize();
        for (long at = memberOffsetBytes; at < endBytes; ) {
            long blockStart = Sectors.roundDown(at, Sectors.BLOCK_BYTES);
            long blockEnd = Math.min(endBytes, blockStart + Sectors.BLOCK_BYTES);
            MemorySegment part = target.asSlice(at - memberOffsetBytes, blockEnd - at);
            try {
                readMember(slot, at, part);
            } catch (SlotUnreadable e) {
                MemorySegment solved = solveBlock(lease, slot, blockStart, buffer);
                part.copyFrom(solved.asSlice(at - blockStart, part.byteSize()));
            }
            at = blockEnd;
        }
    }

    /** Solves a whole block, and heals all blocks of its stripe that turn out to be bad on the way. */
    private MemorySegment solveBlock(StripeLocks.Lease lease, int slot, long blockOffsetBytes, MemorySegment buffer)
            throws IOException {
        MemorySegment work = buffer.asSlice(0, workBytes);
        MemorySegment solved = buffer.asSlice(workBytes, Sectors.BLOCK_BYTES);
        BitSet lost = lostSlots(blockOffsetBytes / Sectors.BYTES + Sectors.PER_BLOCK);
        BitSet missing = (BitSet) lost.clone();
        lost.set(slot);
        SlotUnreadable newest = null;
        while (true) {
            requireSolvable(slot, blockOffsetBytes, Sectors.BLOCK_BYTES, lost, newest);
            try {
                // Those that are bad beside the one that is wanted come first, so that what is left in the end is that.
                for (int other = lost.nextSetBit(0); other >= 0; other = lost.nextSetBit(other + 1)) {
                    if (other != slot && !missing.get(other)) {
                        solve(other, lost, blockOffsetBytes, solved, work);
                        heal(lease, other, blockOffsetBytes, solved, buffer);
                    }
                }
                solve(slot, lost, blockOffsetBytes, solved, work);
                if (!missing.get(slot) && isCertain(slot, lost, blockOffsetBytes, solved, buffer)) {
                    heal(lease, slot, blockOffsetBytes, solved, buffer);
                }
                return solved;
            } catch (SlotUnreadable e) {
                lost.set(e.slot);
                newest = e;
            }
        }
    }

    /**
     * False where the other parity of RAID-6 tells something else: then another block of the stripe is silently wrong,
     * and what was solved is the best there is, but no reason to overwrite what the member may still give one day.
     */
    private boolean isCertain(int slot, BitSet lost, long blockOffsetBytes, MemorySegment solved, MemorySegment buffer)
            throws SlotUnreadable {
        if (geometry.layout().parityCount() == 1 || lost.cardinality() > 1) {
            return true;
        }
        long row = geometry.rowOfStripe(blockOffsetBytes / Sectors.BYTES);
        BitSet withoutAnother = (BitSet) lost.clone();
        withoutAnother.set(geometry.dataIndex(row, slot) >= 0 ? geometry.parityP(row) : geometry.dataSlot(row, 0));
        MemorySegment again = buffer.asSlice(workBytes + Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        solve(slot, withoutAnother, blockOffsetBytes, again, buffer.asSlice(0, workBytes));
        if (again.mismatch(solved) < 0) {
            return true;
        }
        LOG.error(
                "slot {} at member offset {}: P and Q don't agree on what it should hold; it is not put back",
                slot,
                blockOffsetBytes);
        return false;
    }

    private void heal(
            StripeLocks.Lease lease, int slot, long blockOffsetBytes, MemorySegment right, MemorySegment buffer) {
        Member member = members.inSync(slot);
        if (heals && member != null && member.takesRewrites(blockOffsetBytes, right.byteSize())) {
            healer.heal(
                    lease,
                    member,
                    blockOffsetBytes,
                    right,
                    buffer.asSlice(workBytes + Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES));
        }
    }

    private void solve(int slot, BitSet lost, long memberOffsetBytes, MemorySegment target, MemorySegment work)
            throws SlotUnreadable {
        long row = geometry.rowOfStripe(memberOffsetBytes / Sectors.BYTES);
        solver.solve(row, slot, lost, (other, tile) -> readMember(other, memberOffsetBytes, tile), target, work);
    }

    private void requireSolvable(
            int slot, long memberOffsetBytes, long lengthBytes, BitSet lost, @Nullable SlotUnreadable newest)
            throws IOException {
        if (members.isBroken()) {
            throw new IOException(
                    "slot " + slot + " at member offset " + memberOffsetBytes + " can't be solved any more: a write has"
                            + " failed beyond redundancy, and stripes may be half written; mount again to recover");
        }
        if (!trustsParity(memberOffsetBytes, lengthBytes)) {
            throw new IOException("slot " + slot + " at member offset " + memberOffsetBytes
                    + " can't be read from its member, and parity is not known to be right there:"
                    + " the resync has not come that far;"
                    + " a mount with --force takes parity for right");
        }
        if (!solver.canSolve(lost)) {
            throw new BlockLostException(
                    "slot " + slot + " at member offset " + memberOffsetBytes + " is lost: none of the slots " + lost
                            + " can be read",
                    newest);
        }
    }

    private boolean trustsParity(long memberOffsetBytes, long lengthBytes) {
        return syncPosition.trustsParity(StripeRange.coveringBytes(memberOffsetBytes, lengthBytes));
    }

    private static long endStripeSector(long memberOffsetBytes, MemorySegment target) {
        return Sectors.roundUp(memberOffsetBytes + target.byteSize(), Sectors.BLOCK_BYTES) / Sectors.BYTES;
    }

    private BitSet lostSlots(long endStripeSector) {
        BitSet lost = new BitSet(members.size());
        for (int slot = 0; slot < members.size(); slot++) {
            lost.set(slot, members.readable(slot, endStripeSector) == null);
        }
        return lost;
    }

    /** Frees the buffers. */
    public void close() {
        buffers.close();
    }
}
