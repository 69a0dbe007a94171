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

/**
 * Reads one slot of some stripes, from its member or, where that can't be read, solved from the others: all but one of
 * RAID-4/5, all but two of RAID-6.
 *
 * <p>The caller holds the stripes: a solution is right only while data and parity belong together. Any byte range
 * of a slot can be solved alone, as each byte of a parity covers the bytes at its own place.
 *
 * <p>A slot is lost where its member is missing, faulty, or can't be read at that place right now. What can't be
 * solved as a whole is tried block by block: members that are bad in different places still have all bytes between them.
 */
public final class StripeReader {
    private static final Logger LOG = LoggerFactory.getLogger(StripeReader.class);

    /** How much is solved at a time. */
    private static final int TILE_BYTES = 64 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final StripeSolver solver;
    private final BufferPool buffers;

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
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.solver = new StripeSolver(geometry);
        this.buffers = new BufferPool(StripeSolver.workFactor(geometry) * TILE_BYTES, solvers);
    }

    /**
     * Fills {@code target} from {@code memberOffsetBytes} of {@code slot}; the range lies within one chunk.
     *
     * @throws IOException where bytes are truly lost: neither the member nor the others can give them
     */
    public void read(int slot, long memberOffsetBytes, MemorySegment target) throws IOException {
        try {
            readMember(slot, memberOffsetBytes, target);
        } catch (SlotUnreadable e) {
            if (e.getCause() != null) {
                LOG.warn("{}; solving it from the other members", e.getCause().getMessage());
            }
            solve(slot, memberOffsetBytes, target);
        }
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

    private void solve(int slot, long memberOffsetBytes, MemorySegment target) throws IOException {
        try (BufferPool.Lease lease = buffers.acquire()) {
            for (long done = 0; done < target.byteSize(); done += TILE_BYTES) {
                long tileBytes = Math.min(TILE_BYTES, target.byteSize() - done);
                MemorySegment tile = target.asSlice(done, tileBytes);
                try {
                    solvePiece(slot, memberOffsetBytes + done, tile, lease.segment());
                } catch (IOException e) {
                    LOG.debug("{}; trying it block by block", e.getMessage());
                    solveBlocks(slot, memberOffsetBytes + done, tile, lease.segment());
                }
            }
        }
    }

    private void solveBlocks(int slot, long memberOffsetBytes, MemorySegment target, MemorySegment work)
            throws IOException {
        long endBytes = memberOffsetBytes + target.byteSize();
        for (long at = memberOffsetBytes; at < endBytes; ) {
            long blockEnd = Math.min(endBytes, Sectors.roundDown(at, Sectors.BLOCK_BYTES) + Sectors.BLOCK_BYTES);
            MemorySegment block = target.asSlice(at - memberOffsetBytes, blockEnd - at);
            try {
                readMember(slot, at, block);
            } catch (SlotUnreadable e) {
                solvePiece(slot, at, block, work);
            }
            at = blockEnd;
        }
    }

    private void solvePiece(int slot, long memberOffsetBytes, MemorySegment target, MemorySegment work)
            throws IOException {
        if (members.isBroken()) {
            throw new IOException(
                    "slot " + slot + " at member offset " + memberOffsetBytes + " can't be solved any more: a write has"
                            + " failed beyond redundancy, and stripes may be half written; mount again to recover");
        }
        if (!syncPosition.trustsParityUpTo(endStripeSector(memberOffsetBytes, target))) {
            throw new IOException("slot " + slot + " at member offset " + memberOffsetBytes
                    + " is lost: its member can't be read, and parity is not synced there yet");
        }
        long row = geometry.rowOfStripe(memberOffsetBytes / Sectors.BYTES);
        BitSet lost = lostSlots(endStripeSector(memberOffsetBytes, target));
        lost.set(slot);
        SlotUnreadable newest = null;
        while (solver.canSolve(lost)) {
            try {
                solver.solve(
                        row, slot, lost, (other, tile) -> readMember(other, memberOffsetBytes, tile), target, work);
                return;
            } catch (SlotUnreadable e) {
                lost.set(e.slot);
                newest = e;
            }
        }
        throw new IOException(
                "slot " + slot + " at member offset " + memberOffsetBytes + " is lost: none of the slots " + lost
                        + " can be read",
                newest);
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
