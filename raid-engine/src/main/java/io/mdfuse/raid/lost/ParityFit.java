package io.mdfuse.raid.lost;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well the parity of an arrangement fits, in some stripes that hold data on more than one device. A missing device
 * uses up one equation: RAID-5 that lacks a device, and RAID-6 that lacks two, can't be checked.
 */
final class ParityFit {
    private final LostDevices devices;
    private final List<Long> sampleBytes;

    /** @param sampleBytes places on the devices */
    ParityFit(LostDevices devices, List<Long> sampleBytes) {
        this.devices = devices;
        this.sampleBytes = sampleBytes;
    }

    /** The part of the stripes that fit, from 0 to 1; -1 if none can be checked. */
    double of(Arrangement arrangement) {
        return of(arrangement, sampleBytes.size());
    }

    /** As {@link #of(Arrangement)}, with at most so many stripes. */
    double of(Arrangement arrangement, int most) {
        if (arrangement.dataOffsetBytes() < 0
                || arrangement.missing() >= arrangement.shape().layout().parityCount()) {
            return -1;
        }
        ArrayGeometry geometry = arrangement.shape().geometry(devices.shortestBytes());
        int checked = 0;
        int fitting = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((geometry.raidDisks() + 2L) * BlockBytes.BLOCK, 4096);
            int step = Math.max(1, sampleBytes.size() / most);
            for (int sample = 0; sample < sampleBytes.size(); sample += step) {
                long at = sampleBytes.get(sample) - arrangement.dataOffsetBytes();
                if (at >= 0) {
                    checked++;
                    fitting += fits(arrangement, geometry, at, memory) ? 1 : 0;
                }
            }
        }
        return checked == 0 ? -1 : (double) fitting / checked;
    }

    private boolean fits(Arrangement arrangement, ArrayGeometry geometry, long memberBytes, MemorySegment memory) {
        long row = geometry.rowOfStripe(memberBytes / 512);
        @Nullable MemorySegment[] slots = new MemorySegment[geometry.raidDisks()];
        for (int slot = 0; slot < slots.length; slot++) {
            MemorySegment block = memory.asSlice((long) slot * BlockBytes.BLOCK, BlockBytes.BLOCK);
            int device = arrangement.deviceOfSlot().get(slot);
            if (device >= 0 && devices.read(device, arrangement.dataOffsetBytes() + memberBytes, block)) {
                slots[slot] = block;
            }
        }
        MemorySegment p = memory.asSlice((long) slots.length * BlockBytes.BLOCK, BlockBytes.BLOCK);
        MemorySegment q = memory.asSlice((slots.length + 1L) * BlockBytes.BLOCK, BlockBytes.BLOCK);
        MemorySegment storedP = slots[geometry.parityP(row)];
        int slotOfQ = geometry.parityQ(row);
        MemorySegment storedQ = slotOfQ < 0 ? null : slots[slotOfQ];
        sum(geometry, row, slots, p, q);
        int lost = lostData(geometry, row, slots);
        if (lost >= 0) {
            if (storedP == null || storedQ == null) {
                return true;
            }
            // What P lacks is the lost block: with that block Q must fit.
            MemorySegment solved = memory.asSlice((long) lost * BlockBytes.BLOCK, BlockBytes.BLOCK);
            solved.copyFrom(p);
            XorParity.add(solved, storedP);
            slots[lost] = solved;
            sum(geometry, row, slots, p, q);
        }
        return (storedP == null || storedP.mismatch(p) < 0) && (storedQ == null || storedQ.mismatch(q) < 0);
    }

    /** The slot of the data block that is not there; -1 if all are. */
    private static int lostData(ArrayGeometry geometry, long row, @Nullable MemorySegment[] slots) {
        for (int index = 0; index < geometry.dataDisks(); index++) {
            int slot = geometry.dataSlot(row, index);
            if (slots[slot] == null) {
                return slot;
            }
        }
        return -1;
    }

    private static void sum(
            ArrayGeometry geometry, long row, @Nullable MemorySegment[] slots, MemorySegment p, MemorySegment q) {
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            byExponent[geometry.exponent(row, index)] = slots[geometry.dataSlot(row, index)];
        }
        DualParity.sum(p, q, new ArrayList<>(Arrays.asList(byExponent)));
    }
}
