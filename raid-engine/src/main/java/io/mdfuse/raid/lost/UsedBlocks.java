package io.mdfuse.raid.lost;

import java.util.BitSet;

/**
 * Which blocks of 4096 bytes of a file system are in use, as far as its bitmaps were found. A free block of a file
 * system that was made on empty devices is all zeros, and most blocks in use are not: the shape that fits shows it.
 */
final class UsedBlocks {
    private static final int SAMPLES = 6000;

    private final BitSet known = new BitSet();
    private final BitSet used = new BitSet();

    /** @param volumeBlock in units of 4096 bytes from the start of the file system */
    void add(int volumeBlock, boolean inUse) {
        known.set(volumeBlock);
        used.set(volumeBlock, inUse);
    }

    /** The part of the known blocks that are as they should be, from 0 to 1; 1 if nothing is known. */
    double fit(Arrangement arrangement, StripeSample sample) {
        int step = Math.max(1, known.cardinality() / SAMPLES);
        int seen = 0;
        int right = 0;
        int skipped = 0;
        for (int block = known.nextSetBit(0); block >= 0; block = known.nextSetBit(block + 1)) {
            long volume = arrangement.baseBytes() + (long) block * BlockBytes.BLOCK;
            int device = arrangement.deviceOfSlot().get(arrangement.shape().slotOf(volume));
            if (skipped++ % step != 0 || device < 0) {
                continue;
            }
            long at = arrangement.dataOffsetBytes() + arrangement.shape().memberBytes(volume);
            seen++;
            right += sample.isFilled(device, at) == used.get(block) ? 1 : 0;
        }
        return seen == 0 ? 1 : (double) right / seen;
    }
}
