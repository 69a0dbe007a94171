package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Whether parity lies where an arrangement puts it, by what is empty: if a stripe holds anything, its parity is not
 * all zeros, unless its blocks cancel each other out. So a block of zeros in a stripe that is not empty is data. That
 * needs no device but those that are there, and works without a file system. Stripes that are full, or empty, say
 * nothing; those in which more than two blocks hold something and some begin alike are left out: the blocks of a log
 * that was not used yet differ in their numbers only, and the sum of evenly spaced numbers can be zero.
 */
final class ParityPresence {
    private static final int PLACES = 4000;
    /** So many places, each as heavy as a clue, decide about the order. */
    private static final int VOTING_PLACES = 2000;
    /** A shape whose parity lies on the missing device must not be better than one that could be contradicted. */
    private static final double NOT_CHECKED = 0.75;

    /** The places of stripes that hold something and have an empty block, on the devices. */
    private final List<Long> places = new ArrayList<>();

    private final StripeSample sample;

    /** @param isLeftOut whether the stripe at a place of the devices is one in which blocks are alike */
    ParityPresence(StripeSample sample, LongPredicate isLeftOut) {
        this.sample = sample;
        BitSet some = sample.filledSomewhere();
        some.andNot(sample.filledEverywhere());
        double step = Math.max(1, (double) some.cardinality() / PLACES);
        double next = 0;
        int seen = 0;
        for (int block = some.nextSetBit(0); block >= 0; block = some.nextSetBit(block + 1)) {
            long place = (long) block * BlockBytes.BLOCK;
            if (seen++ >= next) {
                next += step;
                if (!isLeftOut.test(place)) {
                    places.add(place);
                }
            }
        }
    }

    /** The votes of clues for each slot and device, less one for each place where it can't hold the slot's parity. */
    int[][] lowered(int[][] votes, LostShape shape, long dataOffsetBytes) {
        int[][] weights = new int[votes.length][];
        for (int slot = 0; slot < votes.length; slot++) {
            weights[slot] = votes[slot].clone();
        }
        int step = Math.max(1, places.size() / VOTING_PLACES);
        for (int index = 0; index < places.size(); index += step) {
            long at = places.get(index) - dataOffsetBytes;
            if (at >= 0) {
                long row = at / shape.chunkBytes();
                lower(weights, shape.layout().parityP(row, shape.raidDisks()), places.get(index));
                lower(weights, shape.layout().parityQ(row, shape.raidDisks()), places.get(index));
            }
        }
        return weights;
    }

    private void lower(int[][] weights, int slot, long place) {
        for (int device = 0; slot >= 0 && device < weights[slot].length; device++) {
            weights[slot][device] -= sample.isFilled(device, place) ? 0 : 1;
        }
    }

    /**
     * The part of the parity blocks of an arrangement that hold something, from 0 to 1; 1 if no stripe says anything.
     *
     * @param deviceOfSlot the index of the device in each slot; -1 for a slot whose device is missing
     */
    double of(LostShape shape, List<Integer> deviceOfSlot, long dataOffsetBytes) {
        int seen = 0;
        int right = 0;
        for (long place : places) {
            long at = place - dataOffsetBytes;
            if (at < 0) {
                continue;
            }
            long row = at / shape.chunkBytes();
            int p = deviceOfSlot.get(shape.layout().parityP(row, shape.raidDisks()));
            int slotOfQ = shape.layout().parityQ(row, shape.raidDisks());
            int q = slotOfQ < 0 ? -1 : deviceOfSlot.get(slotOfQ);
            if (p >= 0) {
                seen++;
                right += sample.isFilled(p, place) ? 1 : 0;
            }
            if (q >= 0) {
                seen++;
                right += sample.isFilled(q, place) ? 1 : 0;
            }
        }
        if (seen == 0) {
            return places.isEmpty() ? 1 : NOT_CHECKED;
        }
        return (double) right / seen;
    }
}
