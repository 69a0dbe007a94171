package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LogPressureTest {
    /** md: critical below twice what is needed, tight below three times. */
    @Test
    void thePressureIsThatOfMdForEveryFreeSpaceAndNeed() {
        for (long need = 0; need <= 64; need += 8) {
            for (long free = 0; free <= 256; free++) {
                boolean critical = free < 2 * need;
                boolean tight = free < 3 * need;
                LogPressure expected =
                        critical ? LogPressure.CRITICAL : tight ? LogPressure.TIGHT : LogPressure.RELAXED;
                assertEquals(expected, LogPressure.of(free, need), free + " free, " + need + " needed");
            }
        }
    }

    /**
     * md counts by stripe: a stripe whose data is logged takes (parity + 1) pages, and one stripe, whose data is still
     * to be logged, takes (raid disks + 1).
     */
    @Test
    void theNeedIsThatOfMdForEveryArray() {
        for (int parity = 1; parity <= 2; parity++) {
            for (int disks = parity + 1; disks <= 203; disks++) {
                for (int cached = 1; cached <= 300; cached++) {
                    long pages = (cached - 1L) * (parity + 1) + (disks + 1);
                    assertEquals(8 * pages, LogPressure.needSectors(cached, disks, parity));
                }
            }
        }
    }
}
