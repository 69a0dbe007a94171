package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The set of bad sectors, compared with an array of booleans. */
class BadBlocksTest {
    private static final int WORLD = 8;

    /** Every subset of eight sectors, and every range that is added or removed. */
    @Test
    void everySmallChangeAgreesWithTheModel() {
        for (int before = 0; before < 1 << WORLD; before++) {
            for (int from = 0; from < WORLD; from++) {
                for (int end = from + 1; end <= WORLD; end++) {
                    int range = (1 << end) - (1 << from);
                    BadBlocks added = of(before, 0);
                    assertTrue(added.add(from, end - from));
                    assertHolds(before | range, added);
                    BadBlocks removed = of(before, 0);
                    removed.remove(from, end - from);
                    assertHolds(before & ~range, removed);
                    assertEquals((before & range) != 0, of(before, 0).overlaps(from, end - from));
                }
            }
        }
    }

    private static BadBlocks of(int bits, int shift) {
        BadBlocks blocks = new BadBlocks(shift, 512);
        for (int sector = 0; sector < WORLD; sector++) {
            if ((bits >> sector & 1) != 0) {
                assertTrue(blocks.add(sector, 1));
            }
        }
        return blocks;
    }

    private static void assertHolds(int bits, BadBlocks blocks) {
        List<BadRange> expected = new ArrayList<>();
        for (int sector = 0; sector < WORLD; sector++) {
            boolean bad = (bits >> sector & 1) != 0;
            assertEquals(bad, blocks.overlaps(sector, 1), () -> blocks.ranges().toString());
            if (bad && !expected.isEmpty() && expected.getLast().endSector() == sector) {
                BadRange last = expected.removeLast();
                expected.add(new BadRange(last.sector(), last.sectors() + 1));
            } else if (bad) {
                expected.add(new BadRange(sector, 1));
            }
        }
        assertEquals(expected, blocks.ranges());
        assertEquals(Integer.bitCount(bits), blocks.sectors());
        assertEquals(bits == 0, blocks.isEmpty());
    }

    /** With units of four sectors: bad ranges are rounded outwards, good ones inwards. */
    @Test
    void onlyWholeUnitsBecomeGood() {
        for (int from = 0; from < 16; from++) {
            for (int end = from + 1; end <= 16; end++) {
                BadBlocks blocks = new BadBlocks(2, 512);
                blocks.add(from, end - from);
                for (int sector = 0; sector < 16; sector++) {
                    boolean bad = sector >= from / 4 * 4 && sector < (end + 3) / 4 * 4;
                    assertEquals(bad, blocks.overlaps(sector, 1), from + ".." + end + " at " + sector);
                }
                BadBlocks all = new BadBlocks(2, 512);
                all.add(0, 16);
                all.remove(from, end - from);
                for (int sector = 0; sector < 16; sector++) {
                    boolean good = sector >= (from + 3) / 4 * 4 && sector < end / 4 * 4;
                    assertEquals(!good, all.overlaps(sector, 1), from + ".." + end + " at " + sector);
                }
            }
        }
    }

    @Test
    void rangesThatDoNotFitAreNotAdded() {
        BadBlocks blocks = new BadBlocks(0, 3);
        assertTrue(blocks.add(0, 1024));
        assertTrue(blocks.add(5000, 8));
        assertFalse(blocks.add(6000, 8));
        assertFalse(blocks.overlaps(6000, 8));
        assertTrue(blocks.add(5008, 504));
        assertFalse(blocks.add(5512, 1));
        assertEquals(List.of(new BadRange(0, 1024), new BadRange(5000, 512)), blocks.ranges());
        // A hole in the middle would need one more entry: the range stays bad, which is safe.
        blocks.remove(5100, 8);
        assertTrue(blocks.overlaps(5100, 8));
        blocks.remove(0, 512);
        blocks.remove(5100, 8);
        assertFalse(blocks.overlaps(5100, 8));
        assertEquals(3, blocks.ranges().size());
    }

    @Test
    void withoutALogNothingCanBeAdded() {
        BadBlocks blocks = BadBlocks.withoutLog();
        assertFalse(blocks.hasLog());
        assertFalse(blocks.add(0, 8));
        assertFalse(blocks.overlaps(0, 8));
    }

    @Test
    void randomChangesAgreeWithTheModel() {
        Random random = new Random(7);
        BadBlocks blocks = new BadBlocks(0, 512);
        boolean[] model = new boolean[4096];
        for (int round = 0; round < 20_000; round++) {
            int from = random.nextInt(model.length);
            int end = Math.min(model.length, from + 1 + random.nextInt(64));
            boolean bad = random.nextBoolean();
            if (bad) {
                assertTrue(blocks.add(from, end - from));
            } else {
                blocks.remove(from, end - from);
            }
            Arrays.fill(model, from, end, bad);
            int at = random.nextInt(model.length);
            assertEquals(model[at], blocks.overlaps(at, 1), "seed 7, round " + round);
        }
        for (int at = 0; at < model.length; at++) {
            assertEquals(model[at], blocks.overlaps(at, 1));
        }
    }
}
