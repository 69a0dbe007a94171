package io.mdfuse.raid.lost;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tests many orders of the devices by P and Q of eight bytes in each of some stripes: of all orders and layouts of a
 * RAID-6, also one that lacks a device, nearly always only the right ones fit, whatever the content is.
 */
final class QuickParity {
    private static final int STRIPES = 24;
    private static final int MISFITS = 2;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long SEVEN_BITS = 0x7f7f7f7f7f7f7f7fL;
    /** The polynomial of RAID-6's field, without its highest bit. */
    private static final int POLYNOMIAL = 0x1d;

    private final List<Long> places = new ArrayList<>();
    private final List<long[]> words = new ArrayList<>();

    QuickParity(LostDevices devices, List<Long> sampleBytes) {
        int step = Math.max(1, sampleBytes.size() / STRIPES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) devices.count() * BlockBytes.BLOCK, 4096);
            for (int index = 0; index < sampleBytes.size(); index += step) {
                boolean readable = true;
                for (int device = 0; device < devices.count(); device++) {
                    readable &= devices.read(
                            device,
                            sampleBytes.get(index),
                            memory.asSlice((long) device * BlockBytes.BLOCK, BlockBytes.BLOCK));
                }
                if (readable) {
                    places.add(sampleBytes.get(index));
                    words.add(fullest(memory, devices.count()));
                }
            }
        }
    }

    /** The words of all devices at the place where the most of them hold something. */
    private static long[] fullest(MemorySegment memory, int devices) {
        long[] best = new long[devices];
        long most = -1;
        for (int at = 0; at < BlockBytes.BLOCK; at += 256) {
            long[] found = new long[devices];
            for (int device = 0; device < devices; device++) {
                found[device] = BlockBytes.le64(memory, (long) device * BlockBytes.BLOCK + at);
            }
            long filled =
                    Arrays.stream(found).distinct().filter(word -> word != 0).count();
            if (filled > most) {
                most = filled;
                best = found;
            }
        }
        return best;
    }

    /** True if the sum of all devices is zero: RAID-5 or RAID-4 that is complete. */
    boolean sumIsZero() {
        long fitting = words.stream()
                .filter(found -> Arrays.stream(found).reduce(0, (one, other) -> one ^ other) == 0)
                .count();
        return !words.isEmpty() && fitting >= words.size() - MISFITS;
    }

    /** True if P and Q of nearly all stripes fit; at most one device may be missing, as -1. */
    boolean fits(LostShape shape, int[] deviceOfSlot, long dataOffsetBytes) {
        int checked = 0;
        int wrong = 0;
        for (int index = 0; index < places.size(); index++) {
            long at = places.get(index) - dataOffsetBytes;
            if (at >= 0) {
                checked++;
                wrong += fits(shape, deviceOfSlot, at / shape.chunkBytes(), words.get(index)) ? 0 : 1;
                if (wrong > MISFITS) {
                    return false;
                }
            }
        }
        return checked > 2 * MISFITS;
    }

    private static boolean fits(LostShape shape, int[] deviceOfSlot, long row, long[] found) {
        int disks = shape.raidDisks();
        long[] byExponent = new long[disks];
        long sum = 0;
        int lost = -1;
        for (int index = 0; index < shape.dataDisks(); index++) {
            int device = deviceOfSlot[shape.layout().dataSlot(row, index, disks)];
            int exponent = shape.layout().exponent(row, index, disks);
            if (device < 0) {
                lost = exponent;
            } else {
                byExponent[exponent] = found[device];
                sum ^= found[device];
            }
        }
        int p = deviceOfSlot[shape.layout().parityP(row, disks)];
        int q = deviceOfSlot[shape.layout().parityQ(row, disks)];
        if (lost >= 0) {
            byExponent[lost] = sum ^ found[p];
        } else if (p >= 0 && sum != found[p]) {
            return false;
        }
        if (q < 0) {
            return true;
        }
        long weighted = 0;
        for (int exponent = disks - 1; exponent >= 0; exponent--) {
            weighted = twice(weighted) ^ byExponent[exponent];
        }
        return weighted == found[q];
    }

    private static long twice(long word) {
        return (word & SEVEN_BITS) << 1 ^ (word >>> 7 & LOW_BITS) * POLYNOMIAL;
    }
}
