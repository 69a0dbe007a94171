package io.mdfuse.raid.geometry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every array sector has one member sector, and every member sector with data one array sector. */
class ArrayGeometryTest {
    @Test
    void memberSectorsAndArraySectorsAreOneToOne() {
        for (ParityLayout layout : ParityLayout.values()) {
            int disks = layout.level() == 6 ? 5 : 4;
            ArrayGeometry geometry = new ArrayGeometry(layout, disks, 16, 16L * 2 * disks + 5);
            assertEquals(2L * disks, geometry.rows());
            Set<String> places = new HashSet<>();
            for (long sector = 0; sector < geometry.arraySectors(); sector++) {
                long stripeSector = geometry.stripeSectorOf(sector);
                int index = geometry.dataIndexOf(sector);
                assertEquals(sector, geometry.arraySectorOf(stripeSector, index));
                assertEquals(geometry.rowOf(sector), geometry.rowOfStripe(stripeSector));
                assertEquals(geometry.slotOf(sector), geometry.dataSlot(geometry.rowOf(sector), index));
                assertTrue(places.add(geometry.slotOf(sector) + ":" + stripeSector));
                assertTrue(stripeSector < geometry.memberSectors());
            }
        }
    }

    @Test
    void exponentsAndDataIndexesAreOneToOne() {
        for (ParityLayout layout : ParityLayout.forLevel(6)) {
            ArrayGeometry geometry = new ArrayGeometry(layout, 6, 16, 160);
            for (long row = 0; row < 12; row++) {
                int found = 0;
                for (int exponent = 0; exponent < 255; exponent++) {
                    int index = geometry.dataIndexOfExponent(row, exponent);
                    if (index >= 0) {
                        assertTrue(exponent < geometry.exponents());
                        assertEquals(exponent, geometry.exponent(row, index));
                        found++;
                    }
                }
                assertEquals(geometry.dataDisks(), found);
            }
        }
    }

    @Test
    void impossibleArraysAreRefused() {
        assertThrows(
                IllegalArgumentException.class, () -> new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_6, 3, 128, 1024));
        assertThrows(
                IllegalArgumentException.class, () -> new ArrayGeometry(ParityLayout.DDF_N_RESTART, 256, 128, 1024));
        assertThrows(
                IllegalArgumentException.class, () -> new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 4, 96, 1024));
        assertThrows(
                IllegalArgumentException.class, () -> new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 4, 4, 1024));
    }
}
