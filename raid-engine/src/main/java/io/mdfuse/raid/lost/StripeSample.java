package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Chooses stripes whose parity says something: more than one device holds data there. Two blocks that are not zeros may
 * be one data block and its copy as parity, which fits in every order, so stripes with more come first.
 */
final class StripeSample {
    private static final int PLACES = 200;
    /** 128 GiB of each device; a bit for each block. */
    private static final long MAX_BLOCKS = 1L << 25;

    private final List<BitSet> filled = new ArrayList<>();

    StripeSample(int devices) {
        for (int device = 0; device < devices; device++) {
            filled.add(new BitSet());
        }
    }

    private StripeSample(List<BitSet> filled) {
        this.filled.addAll(filled);
    }

    /** What is known of the first devices. */
    StripeSample ofFirst(int devices) {
        return new StripeSample(filled.subList(0, devices));
    }

    int devices() {
        return filled.size();
    }

    /** A block that is not all zeros. */
    void note(int device, long deviceBytes) {
        long block = deviceBytes / BlockBytes.BLOCK;
        if (block < MAX_BLOCKS) {
            filled.get(device).set((int) block);
        }
    }

    /** True if the block there is not all zeros; false for a place that is not kept account of. */
    boolean isFilled(int device, long deviceBytes) {
        long block = deviceBytes / BlockBytes.BLOCK;
        return block < MAX_BLOCKS && filled.get(device).get((int) block);
    }

    /** Whether all blocks of a device of this size are kept account of. */
    boolean knowsAllOf(long deviceBytes) {
        return deviceBytes / BlockBytes.BLOCK <= MAX_BLOCKS;
    }

    /** The blocks that at least one device fills. */
    BitSet filledSomewhere() {
        BitSet some = new BitSet();
        filled.forEach(some::or);
        return some;
    }

    /** The blocks that every device fills. */
    BitSet filledEverywhere() {
        BitSet all = (BitSet) filled.getFirst().clone();
        filled.forEach(all::and);
        return all;
    }

    /** Up to {@value #PLACES} places on the devices, spread over them. */
    List<Long> places() {
        for (int least = Math.min(4, filled.size()); least >= 2; least--) {
            List<Long> places = places(least);
            if (places.size() >= PLACES / 4 || least == 2) {
                return places;
            }
        }
        return List.of();
    }

    private List<Long> places(int least) {
        List<Long> all = new ArrayList<>();
        int end = filled.stream().mapToInt(BitSet::length).max().orElse(0);
        for (int block = 0; block < end; block++) {
            int at = block;
            if (filled.stream().filter(bits -> bits.get(at)).count() >= least) {
                all.add((long) block * BlockBytes.BLOCK);
            }
        }
        List<Long> spread = new ArrayList<>();
        double step = Math.max(1, (double) all.size() / PLACES);
        for (double at = 0; at < all.size(); at += step) {
            spread.add(all.get((int) at));
        }
        return spread;
    }
}
