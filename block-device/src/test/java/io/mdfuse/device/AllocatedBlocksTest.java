package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares the class with one bit set for all blocks. */
class AllocatedBlocksTest {
    private static final int BLOCKS = 3 * AllocatedBlocks.REGION_BLOCKS + 100;

    @Test
    void blocksThatWereAddedAndNotRemovedAreKnown() {
        AllocatedBlocks blocks = new AllocatedBlocks();
        BitSet model = new BitSet();
        Random random = new Random(1);
        for (int step = 0; step < 3000; step++) {
            int from = random.nextInt(BLOCKS);
            int end = Math.min(BLOCKS, from + 1 + random.nextInt(random.nextInt(10) == 0 ? BLOCKS : 300));
            if (random.nextInt(3) > 0) {
                blocks.add(from, end);
                model.set(from, end);
            } else {
                blocks.remove(from, end);
                model.clear(from, end);
            }
            int at = random.nextInt(BLOCKS);
            int limit = at + random.nextInt(BLOCKS - at + 1);
            int known = model.nextSetBit(at);
            assertEquals(Math.min(limit, model.nextClearBit(at)), blocks.firstUnknown(at, limit), "step " + step);
            assertEquals(known < 0 ? limit : Math.min(limit, known), blocks.firstKnown(at, limit), "step " + step);
        }
    }
}
