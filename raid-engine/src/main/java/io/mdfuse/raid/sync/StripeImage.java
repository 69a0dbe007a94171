package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What all slots of some neighbouring stripes hold, parity included, and beside it the parity that their data should
 * have.
 *
 * <p>It is what the members hold, not what a write-back cache lays over it: there, old data and old parity belong
 * together until the stripe is written out. Used by one thread.
 */
final class StripeImage implements AutoCloseable {
    private static final int BYTES_PER_SLOT = 256 * 1024;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeReader stripeReader;
    private final Executor executor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffers;
    private final int places;
    private long stripeSector;
    private long endStripeSector;
    private int missingSlot = -1;
    private boolean solved;

    /**
     * An empty image.
     *
     * @param executor reads the members side by side
     */
    StripeImage(ArrayGeometry geometry, MemberSet members, StripeReader stripeReader, Executor executor) {
        this.geometry = geometry;
        this.members = members;
        this.stripeReader = stripeReader;
        this.executor = executor;
        this.places = geometry.raidDisks() + geometry.layout().parityCount() + 1;
        this.buffers = arena.allocate((long) BYTES_PER_SLOT * places, Sectors.BLOCK_BYTES);
    }

    /** The end of the longest range from {@code fromStripeSector} on that fits. */
    long rangeEnd(long fromStripeSector) {
        return geometry.endInRow(fromStripeSector, BYTES_PER_SLOT);
    }

    /**
     * Reads a range of at most {@link #rangeEnd}; what a member can't give is solved and put back on it.
     *
     * @param lease covers the range
     * @throws IOException where more can't be read than can be solved
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
            reads.add(CompletableFuture.supplyAsync(() -> readStraight(reading, whole(reading)), executor));
        }
        List<Boolean> wentWell = reads.stream().map(CompletableFuture::join).toList();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (!wentWell.get(slot)) {
                // One after the other: healing one slot may heal others of the same stripe.
                stripeReader.read(lease, slot, Sectors.toBytes(stripeSector), whole(slot));
                // Into room of its own: a read that fails may have changed some of it.
                solved |= slot != missingSlot && !readStraight(slot, whole(places - 1));
            }
        }
        makeParity();
    }

    private int firstMissing() {
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (members.inSync(slot) == null) {
                return slot;
            }
        }
        return -1;
    }

    /** The slot that has no member, so that what is here of it was solved from the others; -1 if all have one. */
    int missingSlot() {
        return missingSlot;
    }

    private boolean readStraight(int slot, MemorySegment target) {
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

    /** Makes the parity anew from what the data slots hold here. */
    void makeParity() {
        long row = row();
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            byExponent[geometry.exponent(row, index)] = whole(geometry.dataSlot(row, index));
        }
        boolean hasQ = geometry.layout().parityCount() == 2;
        StripeParity.make(whole(geometry.raidDisks()), hasQ ? whole(geometry.raidDisks() + 1) : null, byExponent);
    }

    /** True if a member could not give its blocks, so that what is here of them was solved from the others. */
    boolean isSolved() {
        return solved;
    }

    /** True where a block of the stripe is listed as bad, so that what is here of it was solved from the others. */
    boolean listsBad(long atStripeSector) {
        return members.knowBad(Sectors.toBytes(atStripeSector), Sectors.BLOCK_BYTES);
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

    /** What a slot holds in some of the stripes. */
    MemorySegment slot(int slot, long fromStripeSector, long untilStripeSector) {
        Objects.checkFromToIndex(fromStripeSector, untilStripeSector, endStripeSector);
        return whole(slot)
                .asSlice(
                        Sectors.toBytes(fromStripeSector - stripeSector),
                        Sectors.toBytes(untilStripeSector - fromStripeSector));
    }

    /** The P that the data should have. */
    MemorySegment rightP(long fromStripeSector, long untilStripeSector) {
        return slot(geometry.raidDisks(), fromStripeSector, untilStripeSector);
    }

    /** The Q that the data should have; RAID-6 only. */
    MemorySegment rightQ(long fromStripeSector, long untilStripeSector) {
        return slot(geometry.raidDisks() + 1, fromStripeSector, untilStripeSector);
    }

    private MemorySegment whole(int place) {
        return buffers.asSlice((long) BYTES_PER_SLOT * place, Sectors.toBytes(endStripeSector - stripeSector));
    }

    @Override
    public void close() {
        arena.close();
    }
}
