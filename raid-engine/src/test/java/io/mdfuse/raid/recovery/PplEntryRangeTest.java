package io.mdfuse.raid.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.PplEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The stripes and slots that an entry of a partial parity log describes. */
class PplEntryRangeTest {
    private static final ArrayGeometry GEOMETRY =
            new ArrayGeometry(ParityLayout.forLevel(5).get(2), 4, 32, 32L * 8);

    private static PplEntry entry(long dataSector, long partialSectors, long dataSectors) {
        int parity = GEOMETRY.parityP(GEOMETRY.rowOf(dataSector));
        return new PplEntry(dataSector, partialSectors * 512, dataSectors * 512, parity, 0);
    }

    @Test
    void lessThanAChunkIsOneRange() {
        assertEquals(
                List.of(new PplEntryRange(8, 16, 0, List.of(0))),
                PplEntryRange.of(entry(8, 16, 16), GEOMETRY).orElseThrow());
        assertEquals(
                List.of(new PplEntryRange(40, 8, 0, List.of(1, 2))),
                PplEntryRange.of(entry(96 + 32 + 8, 8, 16), GEOMETRY).orElseThrow());
    }

    @Test
    void allDataHasNoPartialParity() {
        assertEquals(
                List.of(new PplEntryRange(16, 8, 0, List.of(0, 1, 2))),
                PplEntryRange.of(entry(16, 0, 24), GEOMETRY).orElseThrow());
    }

    /**
     * md may log complete chunks and a part of the next in one entry: behind that part the last slot was not written.
     */
    @Test
    void aChunkMayHaveTwoRanges() {
        assertEquals(
                List.of(new PplEntryRange(0, 8, 0, List.of(0, 1)), new PplEntryRange(8, 24, 8, List.of(0))),
                PplEntryRange.of(entry(0, 32, 40), GEOMETRY).orElseThrow());
        assertEquals(
                List.of(new PplEntryRange(0, 32, 0, List.of(1, 2))),
                PplEntryRange.of(entry(32, 32, 64), GEOMETRY).orElseThrow());
    }

    /** The same stripes as a walk block by block, as md does it, over every entry that fits one chunk row. */
    @Test
    void rangesAreThoseOfMdsWalk() {
        for (long first = 0; first < 96; first += 8) {
            for (long partial = 0; partial <= 32; partial += 8) {
                for (long data = 8; data <= 96; data += 8) {
                    PplEntryRange.of(entry(first, partial, data), GEOMETRY);
                    compareWithMd(first, partial, data);
                }
            }
        }
    }

    private static void compareWithMd(long first, long partial, long data) {
        Map<Long, List<Integer>> found = new HashMap<>();
        List<PplEntryRange> ranges =
                PplEntryRange.of(entry(first, partial, data), GEOMETRY).orElse(List.of());
        for (PplEntryRange range : ranges) {
            for (long at = 0; at < range.sectors(); at += 8) {
                found.put(range.stripeSector() + at, range.dataIndexes());
            }
        }
        int chunk = GEOMETRY.chunkSectors();
        if (ranges.isEmpty()) {
            return;
        }
        long disks = partial == chunk ? 3 : partial > 0 ? data / partial : 3;
        long sectors = partial == chunk ? chunk : partial > 0 ? partial : data / 3;
        long last = partial == chunk ? first + data : first + (disks - 1) * chunk + sectors;
        for (long at = 0; at < sectors; at += 8) {
            List<Integer> indexes = new java.util.ArrayList<>();
            for (int disk = 0; disk < disks; disk++) {
                if (first + at + (long) disk * chunk < last) {
                    indexes.add(GEOMETRY.dataIndexOf(first + at + (long) disk * chunk));
                }
            }
            assertEquals(indexes, found.get(GEOMETRY.stripeSectorOf(first + at)), first + " " + partial + " " + data);
        }
    }

    @Test
    void anImpossibleEntryHasNoRange() {
        for (PplEntry absurd : List.of(
                entry(0, 64, 64),
                entry(24, 16, 16),
                entry(64, 8, 16),
                entry(0, 8, 15),
                entry(0, 0, 0),
                new PplEntry(-8, 4096, 4096, 3, 0),
                new PplEntry(1 << 20, 4096, 4096, 3, 0),
                new PplEntry(0, 4096, 4096, 2, 0),
                new PplEntry(0, 100, 4096, 3, 0))) {
            assertTrue(PplEntryRange.of(absurd, GEOMETRY).isEmpty(), absurd::toString);
        }
    }
}
