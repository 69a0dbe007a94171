package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.StripeSolver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.Executor;

/**
 * The content of one slot over several chunk rows: read from the slot's own member, or solved from the other members,
 * which are read at the same time. This is the fast way of a rebuild. It gives up at the first obstacle, such as a
 * block that can't be read; {@link StripeReader} then finds out what can be read, block by block.
 *
 * <p>Used by one thread.
 */
final class SlotContent {
    /** Bytes that are solved at a time. */
    private static final int TILE_BYTES = 64 * 1024;

    private final ArrayGeometry geometry;
    private final StripeReader stripeReader;
    private final StripeSolver solver;
    private final MemberReads reads;
    private final MemorySegment work;
    private final int slot;

    /**
     * Allocates the buffers.
     *
     * @param arena frees the buffers; it must admit all threads
     * @param slot whose content is read
     * @param mostBytes the most bytes of the slot that are read at once
     * @param executor reads the members at the same time
     */
    SlotContent(Arena arena, PassParts parts, StripeReader stripeReader, int slot, int mostBytes, Executor executor) {
        MemberSet members = parts.members();
        this.geometry = parts.geometry();
        this.stripeReader = stripeReader;
        this.solver = new StripeSolver(geometry);
        this.reads = new MemberReads(arena, members, mostBytes, executor);
        this.work = UntouchedMemory.allocate(
                arena, (long) StripeSolver.workFactor(geometry) * Math.min(TILE_BYTES, geometry.chunkBytes()));
        this.slot = slot;
    }

    /**
     * Reads or solves the slot.
     *
     * @param lease covers the range
     * @param target as long as the range
     * @return false if there is an obstacle; the content of {@code target} is undefined then
     */
    boolean read(StripeLocks.Lease lease, StripeRange range, MemorySegment target) {
        lease.require(range);
        BitSet sources = stripeReader.sources(lease, slot, range);
        if (sources == null || !reads.read(sources, range)) {
            return false;
        }
        if (sources.get(slot)) {
            target.copyFrom(reads.slot(slot, 0, range.bytesPerSlot()));
            return true;
        }
        BitSet lost = (BitSet) sources.clone();
        lost.flip(0, geometry.raidDisks());
        for (long at = range.fromSector(); at < range.endSector(); ) {
            long end = Math.min(geometry.endInRow(at, TILE_BYTES), range.endSector());
            long fromBytes = Sectors.toBytes(at - range.fromSector());
            MemorySegment tile = target.asSlice(fromBytes, Sectors.toBytes(end - at));
            solver.solve(
                    geometry.rowOfStripe(at),
                    slot,
                    lost,
                    (other, read) -> read.copyFrom(reads.slot(other, fromBytes, read.byteSize())),
                    tile,
                    work);
            at = end;
        }
        return true;
    }
}
