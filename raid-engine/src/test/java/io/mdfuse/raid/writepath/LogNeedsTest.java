package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The sums of log space, for every shape of array that a journal can serve. */
class LogNeedsTest {
    private interface Shape {
        void check(int disks, int parity, LogNeeds needs);
    }

    private static void forEveryShape(Shape shape) {
        for (int parity = 1; parity <= 2; parity++) {
            for (int disks = parity + 1; disks <= 203; disks++) {
                shape.check(disks, parity, new LogNeeds(disks, parity));
            }
        }
    }

    /** Log space available to admission when only the tail's block is in use. */
    private static long spaceSectors(long logSectors) {
        return logSectors - 8 - LogNeeds.KEPT_SECTORS;
    }

    @Test
    void theLeastLogTakesOneBlockAndNotABlockLess() {
        forEveryShape((disks, parity, needs) -> {
            long one = needs.requestSectors(1, 1) + needs.writeOutSectors(0);
            assertEquals(one, spaceSectors(needs.leastSectors()));
        });
    }

    @Test
    void theLargestRequestFitsAnyLogThatIsNotTooShort() {
        forEveryShape((disks, parity, needs) -> {
            for (long more = 0; more < 3000; more = more * 2 + 8) {
                long logSectors = needs.leastSectors() + more;
                for (int most : new int[] {1, LogNeeds.LEAST_CACHED_STRIPES, 300}) {
                    // The largest append of the journal: all but the tail's block and the two it keeps.
                    int blocks = needs.largestRequestBlocks(logSectors, logSectors - 3 * 8, most);
                    assertTrue(blocks >= 1 && blocks <= most);
                    // At worst each block lies in a stripe of its own.
                    long wants = needs.requestSectors(blocks, blocks) + needs.writeOutSectors(0);
                    assertTrue(wants <= spaceSectors(logSectors), blocks + " blocks in " + logSectors + " sectors");
                }
            }
        });
    }

    @Test
    void theLargestRequestFitsOneAppend() {
        forEveryShape((disks, parity, needs) -> {
            for (long appendSectors = 80; appendSectors <= 8192; appendSectors *= 2) {
                int blocks = needs.largestRequestBlocks(1 << 20, appendSectors, LogNeeds.MOST_CACHED_STRIPES);
                // At worst each block has its own meta block and parity.
                assertTrue(
                        blocks * 8L * (2 + parity) <= appendSectors, blocks + " blocks, " + appendSectors + " sectors");
            }
            // The journal's staging memory: FUSE's longest request is one append.
            assertTrue(needs.largestRequestBlocks(1 << 20, 8192, LogNeeds.MOST_CACHED_STRIPES) >= 256);
        });
    }

    @Test
    void theLeastLogToCreateHoldsTheSmallestCacheAndIsNotTight() {
        forEveryShape((disks, parity, needs) -> {
            int stripes = LogNeeds.LEAST_CACHED_STRIPES;
            long dataSectors = 8L * stripes * (disks - parity + 1);
            long freeSectors = spaceSectors(needs.leastSectorsToCreate()) - dataSectors;
            long need = needs.writeOutSectors(stripes);
            assertEquals(LogPressure.RELAXED, LogPressure.of(freeSectors, need));
            assertEquals(LogPressure.TIGHT, LogPressure.of(freeSectors - 8, need));
            assertTrue(needs.leastSectorsToCreate() >= needs.leastSectors());
        });
    }
}
