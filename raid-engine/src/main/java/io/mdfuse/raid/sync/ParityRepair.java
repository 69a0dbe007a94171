package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.StripeParity;
import io.mdfuse.raid.stripe.BlockHealer;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeSolver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the parity of some stripes fit their data. Only parity that does not fit is written, so a sparse image stays
 * sparse. Every member has to be present. What {@link #repair} found wrong is on the members after {@link #write}.
 * Used by one thread.
 */
final class ParityRepair implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ParityRepair.class);

    private static final int MOST_BYTES_PER_SLOT = 256 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final int bytesPerSlot;
    private final Arena arena = Arena.ofShared();
    private final MemberReads reads;
    private final ParityWrites writes;
    private final BitSet allSlots;
    private final MemorySegment sums;
    private final StripeSolver solver;
    private final BlockHealer healer;
    private final MemorySegment work;

    /**
     * Allocates the buffers.
     *
     * @param batchBytes how much of each member is repaired before the parity is written, usually
     * @param executor reads and writes the members at the same time
     */
    ParityRepair(ArrayGeometry geometry, MemberSet members, int batchBytes, Executor executor) {
        this.geometry = geometry;
        this.members = members;
        this.bytesPerSlot = Math.min(MOST_BYTES_PER_SLOT, geometry.chunkBytes());
        int parityCount = geometry.layout().parityCount();
        this.reads = new MemberReads(arena, members, bytesPerSlot, executor);
        long mostBytes = Math.min(Math.max(batchBytes, bytesPerSlot), Sectors.toBytes(geometry.memberSectors()));
        this.writes = new ParityWrites(arena, members, mostBytes * parityCount, executor);
        this.allSlots = new BitSet();
        allSlots.set(0, geometry.raidDisks());
        this.sums = UntouchedMemory.allocate(arena, (long) bytesPerSlot * parityCount);
        this.solver = new StripeSolver(geometry);
        this.healer = new BlockHealer(members);
        this.work = arena.allocate((long) StripeSolver.workFactor(geometry) * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
    }

    /** The end of the longest range from {@code stripeSector} on that one call of {@link #repair} accepts. */
    long rangeEnd(long stripeSector) {
        return geometry.endInRow(stripeSector, bytesPerSlot);
    }

    /**
     * Finds the parity of a range that is wrong, to be written by {@link #write} under the same lease.
     *
     * @param lease covers the range; it must not end before {@link #write} or {@link #discard}
     * @param range stripes of one chunk row; its end is at most {@link #rangeEnd}
     * @return whether parity was wrong
     * @throws NoSpaceException if the host has no space for parity; some of it may be written
     * @throws DeviceException if a block can't be read. If the range is a single stripe, the block is data, or parity
     *     that can't be written again either: unreadable parity is rewritten if possible
     */
    boolean repair(StripeLocks.Lease lease, StripeRange range) throws IOException {
        lease.require(range);
        if (!listsBad(range)) {
            return repairRun(lease, range);
        }
        boolean wasWrong = false;
        for (StripeRange stripe : range.split(1)) {
            wasWrong |=
                    listsBad(stripe) ? repairStripeWithBadBlocks(lease, stripe.fromSector()) : repairRun(lease, stripe);
        }
        return wasWrong;
    }

    private boolean listsBad(StripeRange range) {
        return members.anyListsBad(range.memberOffsetBytes(), range.bytesPerSlot());
    }

    private boolean repairRun(StripeLocks.Lease lease, StripeRange range) throws IOException {
        long memberOffsetBytes = range.memberOffsetBytes();
        long lengthBytes = range.bytesPerSlot();
        long row = geometry.rowOfStripe(range.fromSector());
        boolean isRead = reads.read(allSlots, range);
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            int slot = geometry.dataSlot(row, index);
            // A second read, alone, says which member can't be read.
            byExponent[geometry.exponent(row, index)] =
                    isRead ? slotBuffer(slot, lengthBytes) : read(slot, memberOffsetBytes, lengthBytes);
        }
        return rewriteParity(lease, row, memberOffsetBytes, lengthBytes, byExponent, isRead);
    }

    /**
     * Repairs a stripe with blocks that are listed as bad. Bad parity is written again. The only source for a bad data
     * block is parity, so parity is trusted, as in md: from now on the block has the content that parity gives.
     */
    private boolean repairStripeWithBadBlocks(StripeLocks.Lease lease, long stripeSector) throws IOException {
        long memberOffsetBytes = Sectors.toBytes(stripeSector);
        long row = geometry.rowOfStripe(stripeSector);
        BitSet lost = new BitSet();
        int lostData = 0;
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (require(slot).listsBad(memberOffsetBytes, Sectors.BLOCK_BYTES)) {
                lost.set(slot);
                lostData += geometry.dataIndex(row, slot) >= 0 ? 1 : 0;
            }
        }
        if (lostData > 0 && !solver.canSolve(lost)) {
            LOG.error("the stripe at sector {} is beyond redundancy: slots {} are listed as bad", stripeSector, lost);
            return false;
        }
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            int slot = geometry.dataSlot(row, index);
            byExponent[geometry.exponent(row, index)] = lost.get(slot)
                    ? solve(stripeSector, slot, lost)
                    : read(slot, memberOffsetBytes, Sectors.BLOCK_BYTES);
        }
        if (lostData > 0) {
            LOG.warn(
                    "slots {} of the stripe at sector {} are listed as bad: parity is believed there",
                    lost,
                    stripeSector);
        }
        return rewriteParity(lease, row, memberOffsetBytes, Sectors.BLOCK_BYTES, byExponent, false);
    }

    private MemorySegment solve(long stripeSector, int slot, BitSet lost) throws IOException {
        MemorySegment block = slotBuffer(slot, Sectors.BLOCK_BYTES);
        long memberOffsetBytes = Sectors.toBytes(stripeSector);
        solver.solve(
                geometry.rowOfStripe(stripeSector),
                slot,
                lost,
                (other, target) -> require(other).read(memberOffsetBytes, target),
                block,
                work);
        return block;
    }

    private MemorySegment sum(int which, long lengthBytes) {
        return sums.asSlice((long) bytesPerSlot * which, lengthBytes);
    }

    private boolean rewriteParity(
            StripeLocks.Lease lease,
            long row,
            long memberOffsetBytes,
            long lengthBytes,
            @Nullable MemorySegment[] byExponent,
            boolean isRead)
            throws IOException {
        MemorySegment p = sum(0, lengthBytes);
        MemorySegment q = geometry.layout().parityCount() == 1 ? null : sum(1, lengthBytes);
        StripeParity.make(p, q, byExponent);
        boolean pWasWrong = rewrite(lease, geometry.parityP(row), memberOffsetBytes, p, isRead);
        return (q != null && rewrite(lease, geometry.parityQ(row), memberOffsetBytes, q, isRead)) || pWasWrong;
    }

    /** @param isRead whether what the slot contains is in its buffer already */
    private boolean rewrite(
            StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment expected, boolean isRead)
            throws IOException {
        Member own = require(slot);
        boolean bad = own.listsBad(memberOffsetBytes, expected.byteSize());
        try {
            MemorySegment found = isRead ? slotBuffer(slot, expected.byteSize()) : null;
            if (!bad && found == null) {
                found = read(slot, memberOffsetBytes, expected.byteSize());
            }
            if (!bad && found != null && found.mismatch(expected) < 0) {
                return false;
            }
        } catch (DeviceException e) {
            if (expected.byteSize() > Sectors.BLOCK_BYTES) {
                throw e;
            }
            heal(lease, own, memberOffsetBytes, expected, slotBuffer(slot, expected.byteSize()));
            Member replacement = members.replacement(slot);
            if (replacement != null) {
                write(replacement, memberOffsetBytes, expected);
            }
            return true;
        }
        writes.add(lease, slot, memberOffsetBytes, expected);
        return true;
    }

    private void write(Member member, long memberOffsetBytes, MemorySegment content) throws IOException {
        try {
            member.reserve(memberOffsetBytes, content.byteSize());
            member.writeByPass(memberOffsetBytes, content);
        } catch (NoSpaceException e) {
            throw e;
        } catch (DeviceException e) {
            members.failed(member, e);
        }
    }

    /** Whether wrong parity was found that is not written yet. */
    boolean hasToWrite() {
        return !writes.isEmpty();
    }

    /**
     * Writes all parity that was found wrong.
     *
     * @param lease covers its stripes, since they were repaired
     * @throws NoSpaceException if the host has no space for parity; some of it may be written
     */
    void write(StripeLocks.Lease lease) throws IOException {
        writes.write(lease);
    }

    /** Forgets parity that was not written: the lease under which it was made ends. */
    void discard() {
        writes.discard();
    }

    /**
     * Writes parity that can't be read back to its member. If the member does not accept the write and can't list the
     * block as bad, the stripe is skipped rather than the member failed: while parity is in doubt, the other blocks of
     * that member could not be solved.
     */
    private void heal(
            StripeLocks.Lease lease,
            Member member,
            long memberOffsetBytes,
            MemorySegment expected,
            MemorySegment readBack)
            throws IOException {
        DeviceException refused = healer.putBack(lease, member, memberOffsetBytes, expected, readBack);
        if (refused == null) {
            return;
        }
        if (!member.badBlocks().hasLog() || refused instanceof NoSpaceException) {
            throw refused;
        }
        members.failedBlocks(member, memberOffsetBytes, expected.byteSize(), refused);
    }

    private MemorySegment read(int slot, long memberOffsetBytes, long lengthBytes) throws IOException {
        MemorySegment buffer = slotBuffer(slot, lengthBytes);
        require(slot).read(memberOffsetBytes, buffer);
        return buffer;
    }

    private MemorySegment slotBuffer(int slot, long lengthBytes) {
        return reads.slot(slot, 0, lengthBytes);
    }

    private Member require(int slot) throws IOException {
        Member member = members.inSync(slot);
        if (member == null) {
            throw new IOException("parity can't be made right without the member of slot " + slot);
        }
        return member;
    }

    @Override
    public void close() {
        arena.close();
    }
}
