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
 * Reads one slot of some stripes: from its member or, if the member can't be read, solved from the other slots
 * (RAID-4/5 need all others, RAID-6 all but one). A block that a member in sync could not read is written back to it
 * ({@link BlockHealer}).
 *
 * <p>It needs a lease on the stripes: a solution is correct only while data and parity are consistent, and a block must
 * not be written back during a write. Each byte of a parity covers the bytes at the same offset, so any range of bytes
 * can be solved separately.
 *
 * <p>If a member can't read a range, the range is read block by block: members with unreadable blocks at different
 * offsets still have all bytes between them, and only blocks that are really unreadable are written back.
 */
public final class StripeReader {
    private static final Logger LOG = LoggerFactory.getLogger(StripeReader.class);

    /** Bytes that are solved at a time. */
    private static final int TILE_BYTES = 64 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeSolver solver;
    private final BlockHealer healer;
    private final BufferPool buffers;
    private final int workBytes;
    private final boolean heals;

    /** A slot that was expected to be readable is not. */
    private static final class SlotUnreadable extends Exception {
        private static final long serialVersionUID = 1;

        private final int slot;

        SlotUnreadable(int slot, @Nullable DeviceException cause) {
            super(cause);
            this.slot = slot;
        }
    }

    /**
     * Creates a reader that writes solved blocks back.
     *
     * @param solvers how many threads may solve at once, at most
     */
    public StripeReader(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, int solvers) {
        this(geometry, members, syncPosition, solvers, true);
    }

    /**
     * Creates a reader.
     *
     * @param solvers how many threads may solve at once, at most
     * @param heals whether solved blocks are written back; false for an array that is open read-only, on which an
     *     unreadable block is solved at each read and no member fails because it refuses a block
     */
    public StripeReader(
            ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, int solvers, boolean heals) {
        this.geometry = geometry;
        this.heals = heals;
        this.members = members;
        this.syncPosition = syncPosition;
        this.solver = new StripeSolver(geometry);
        this.healer = new BlockHealer(members);
        this.workBytes = StripeSolver.workFactor(geometry) * Math.min(TILE_BYTES, geometry.chunkBytes());
        this.buffers = new BufferPool(workBytes + 2 * Sectors.BLOCK_BYTES, solvers);
    }

    /**
     * Fills {@code target} from {@code memberOffsetBytes} of {@code slot}; the range lies within one chunk.
     *
     * @param lease covers the stripes of the range
     * @throws BlockLostException if a block can neither be read from its member nor solved
     * @throws IOException if parity is not trusted there, or the array is broken
     */
    public void read(StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target)
            throws IOException {
        lease.require(StripeRange.coveringBytes(memberOffsetBytes, target.byteSize()));
        try {
            readMember(slot, memberOffsetBytes, target);
        } catch (SlotUnreadable e) {
            Throwable cause = e.getCause();
            if (cause != null) {
                logReadFailure(slot, memberOffsetBytes, target.byteSize(), cause);
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

    /**
     * The slots from which a caller can get a slot by itself: the slot alone if its member holds all of the stripes,
     * otherwise every slot whose member holds them, and from which the slot can be solved.
     *
     * @param lease covers the range
     * @return null if parity is not trusted there, too many slots are lost, or the array is broken: {@link #read} says
     *     which
     */
    public @Nullable BitSet sources(StripeLocks.Lease lease, int slot, StripeRange range) {
        lease.require(range);
        BitSet lost = lostSlots(range.endSector());
        BitSet sources = new BitSet(members.size());
        if (!lost.get(slot)) {
            sources.set(slot);
            return sources;
        }
        if (members.isBroken() || !syncPosition.trustsParity(range) || !solver.canSolve(lost)) {
            return null;
        }
        sources.set(0, members.size());
        sources.andNot(lost);
        return sources;
    }

    /** A block that is listed as bad was reported when it was listed, and may be read often. */
    private void logReadFailure(int slot, long memberOffsetBytes, long lengthBytes, Throwable cause) {
        Member member = members.member(slot);
        boolean known = member != null && member.listsBad(memberOffsetBytes, lengthBytes);
        LOG.atLevel(known ? Level.DEBUG : Level.WARN).log("{}; reading it block by block", cause.getMessage());
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
                // The parity of some of its stripes may be trusted nevertheless.
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

    /** Reads each block from the member, or else solves it and writes it back. */
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
                readBlock(lease, slot, at, part, buffer);
            }
            at = blockEnd;
        }
    }

    /** Solves a block, or a part of one. If the whole block is lost, the sectors that are asked for may not be. */
    private void readBlock(
            StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment target, MemorySegment buffer)
            throws IOException {
        long blockStart = Sectors.roundDown(memberOffsetBytes, Sectors.BLOCK_BYTES);
        try {
            MemorySegment solved = solveBlock(lease, slot, blockStart, buffer);
            target.copyFrom(solved.asSlice(memberOffsetBytes - blockStart, target.byteSize()));
        } catch (BlockLostException lost) {
            long endBytes = memberOffsetBytes + target.byteSize();
            for (long at = memberOffsetBytes; at < endBytes; ) {
                long sectorEnd = Math.min(endBytes, Sectors.roundDown(at, Sectors.BYTES) + Sectors.BYTES);
                readSector(slot, at, target.asSlice(at - memberOffsetBytes, sectorEnd - at), buffer, lost);
                at = sectorEnd;
            }
        }
    }

    /** Reads or solves a sector, or a part of one. Nothing is written back. */
    private void readSector(
            int slot, long memberOffsetBytes, MemorySegment target, MemorySegment buffer, BlockLostException lostBlock)
            throws BlockLostException {
        BitSet lost = lostSlots(endStripeSector(memberOffsetBytes, target));
        while (!lost.get(slot) || solver.canSolve(lost)) {
            try {
                if (lost.get(slot)) {
                    solve(slot, lost, memberOffsetBytes, target, buffer.asSlice(0, workBytes));
                } else {
                    readMember(slot, memberOffsetBytes, target);
                }
                return;
            } catch (SlotUnreadable e) {
                lost.set(e.slot);
            }
        }
        throw lostBlock;
    }

    /** Solves one complete block, and heals all blocks of its stripe that are found to be unreadable meanwhile. */
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
                // The other unreadable slots come first, so that the buffer ends up with the wanted one.
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
     * False if solving with the other parity of RAID-6 gives a different result: then another block of the stripe is
     * silently wrong, unless the stripe was never written. The solution is returned all the same, but does not
     * overwrite what the member may become able to read again.
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
        if (syncPosition.isNeverMade(StripeRange.coveringBytes(blockOffsetBytes, Sectors.BLOCK_BYTES))) {
            return false;
        }
        LOG.error(
                "slot {} at member offset {}: P and Q give different content; it is not written back",
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
