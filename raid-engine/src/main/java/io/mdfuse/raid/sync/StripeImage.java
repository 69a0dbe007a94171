package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.StripeParity;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of all slots of some consecutive stripes, parity included, and the parity that is expected for their data.
 *
 * <p>The blocks are those on the members. Newer blocks in the write-back cache are not used: on the members, old data
 * and old parity belong together until the stripe is written out. Used by one thread.
 */
final class StripeImage implements AutoCloseable {
    private static final int MOST_BYTES_PER_SLOT = 256 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeReader stripeReader;
    private final Executor executor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffers;
    private final int bufferCount;
    private final int bytesPerSlot;
    private long stripeSector;
    private long endStripeSector;
    private OptionalInt missingSlot = OptionalInt.empty();
    private boolean solved;

    /**
     * An empty image.
     *
     * @param executor reads the members at the same time
     */
    StripeImage(ArrayGeometry geometry, MemberSet members, StripeReader stripeReader, Executor executor) {
        this.geometry = geometry;
        this.members = members;
        this.stripeReader = stripeReader;
        this.executor = executor;
        this.bytesPerSlot = Math.min(MOST_BYTES_PER_SLOT, geometry.chunkBytes());
        this.bufferCount = geometry.raidDisks() + geometry.layout().parityCount() + 1;
        this.buffers = UntouchedMemory.allocate(arena, (long) bytesPerSlot * bufferCount);
    }

    /** The end of the longest range from {@code fromStripeSector} on that fits. */
    long rangeEnd(long fromStripeSector) {
        return geometry.endInRow(fromStripeSector, bytesPerSlot);
    }

    /**
     * Reads a range of at most {@link #rangeEnd}. Blocks that can't be read are solved and written back to their
     * member.
     *
     * @param lease covers the range
     * @throws IOException if more blocks can't be read than can be solved
     */
    void read(StripeLocks.Lease lease, StripeRange range) throws IOException {
        lease.require(range);
        stripeSector = range.fromSector();
        endStripeSector = range.endSector();
        missingSlot = firstMissing();
        solved = false;
        List<CompletableFuture<Boolean>> reads = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            int reading = slot;
            reads.add(CompletableFuture.supplyAsync(() -> readFromMember(reading, buffer(reading)), executor));
        }
        List<Boolean> wasRead = reads.stream().map(CompletableFuture::join).toList();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (!wasRead.get(slot)) {
                // Not at the same time: healing one slot may heal others of the same stripe.
                stripeReader.read(lease, slot, Sectors.toBytes(stripeSector), buffer(slot));
                // Into the spare buffer: a read that fails may have changed some of its target.
                solved |= !missingSlot.equals(OptionalInt.of(slot)) && !readFromMember(slot, buffer(bufferCount - 1));
            }
        }
        makeParity();
    }

    private OptionalInt firstMissing() {
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (members.inSync(slot) == null) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    /** The slot that has no member, whose blocks were solved from the others; empty if every slot has one. */
    OptionalInt missingSlot() {
        return missingSlot;
    }

    private boolean readFromMember(int slot, MemorySegment target) {
        Member member = members.inSync(slot);
        try {
            if (member != null) {
                member.read(Sectors.toBytes(stripeSector), target);
                return true;
            }
            return false;
        } catch (DeviceException e) {
            return false;
        }
    }

    /** Makes the expected parity from the data blocks of this image. */
    void makeParity() {
        long row = row();
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            byExponent[geometry.exponent(row, index)] = buffer(geometry.dataSlot(row, index));
        }
        boolean hasQ = geometry.layout().parityCount() == 2;
        StripeParity.make(buffer(geometry.raidDisks()), hasQ ? buffer(geometry.raidDisks() + 1) : null, byExponent);
    }

    /** True if a member could not be read, so that blocks of this image were solved from the others. */
    boolean isSolved() {
        return solved;
    }

    /** True if a block of the stripe is listed as bad, so that it was solved from the others. */
    boolean listsBad(long atStripeSector) {
        return members.anyListsBad(Sectors.toBytes(atStripeSector), Sectors.BLOCK_BYTES);
    }

    long row() {
        return geometry.rowOfStripe(stripeSector);
    }

    long stripeSector() {
        return stripeSector;
    }

    long endStripeSector() {
        return endStripeSector;
    }

    /** The blocks of a slot in some of the stripes. */
    MemorySegment slot(int slot, long fromStripeSector, long untilStripeSector) {
        Objects.checkFromToIndex(fromStripeSector, untilStripeSector, endStripeSector);
        return buffer(slot)
                .asSlice(
                        Sectors.toBytes(fromStripeSector - stripeSector),
                        Sectors.toBytes(untilStripeSector - fromStripeSector));
    }

    /** The P that is expected for the data. */
    MemorySegment expectedP(long fromStripeSector, long untilStripeSector) {
        return slot(geometry.raidDisks(), fromStripeSector, untilStripeSector);
    }

    /** The Q that is expected for the data; RAID-6 only. */
    MemorySegment expectedQ(long fromStripeSector, long untilStripeSector) {
        return slot(geometry.raidDisks() + 1, fromStripeSector, untilStripeSector);
    }

    /** The buffer of a slot; after the slots follow expected P, expected Q (RAID-6), and a spare one. */
    private MemorySegment buffer(int which) {
        return buffers.asSlice((long) bytesPerSlot * which, Sectors.toBytes(endStripeSector - stripeSector));
    }

    @Override
    public void close() {
        arena.close();
    }
}
