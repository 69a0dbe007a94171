package io.mdfuse.raid.copies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearFarLayoutTest {
    private static final long CHUNK = 16;

    /** A column: the slots, the layout number, and a row of chunk numbers for each row of the members. */
    @ParameterizedTest
    @CsvSource({
        "3, 0x102, 00 00 01 | 01 02 02 | 03 03 04 | 04 05 05",
        "4, 0x102, 00 00 01 01 | 02 02 03 03",
        "3, 0x201, 00 01 02 | 03 04 05 | 02 00 01 | 05 03 04",
        "4, 0x201, 00 01 02 03 | 04 05 06 07 | 03 00 01 02 | 07 04 05 06",
        "3, 0x10201, 00 01 02 | 02 00 01 | 03 04 05 | 05 03 04",
        "4, 0x10301, 00 01 02 03 | 03 00 01 02 | 02 03 00 01",
        "4, 0x40201, 00 01 02 03 | 04 05 06 07 | 01 00 03 02 | 05 04 07 06",
        "5, 0x50201, 00 01 02 03 04 | 01 00 04 02 03",
        "4, 0x202, 00 00 01 01 | 02 02 03 03 | 01 01 00 00 | 03 03 02 02"
    })
    void placesChunksAsMdDoes(int slots, String layoutNumber, String table) {
        List<List<Integer>> rows = Arrays.stream(table.split(" \\| "))
                .map(row -> Arrays.stream(row.split(" ")).map(Integer::valueOf).toList())
                .toList();
        NearFarLayout layout =
                new NearFarLayout(CopyCounts.of(Integer.decode(layoutNumber)), slots, CHUNK, rows.size() * CHUNK);
        List<List<Integer>> placed = new ArrayList<>();
        rows.forEach(
                row -> placed.add(new ArrayList<>(row.stream().map(chunk -> -1).toList())));
        for (long chunk = 0; chunk * CHUNK < layout.volumeSectors(); chunk++) {
            CopyExtent extent = layout.extentAt(chunk * CHUNK + 3);
            assertEquals(CHUNK - 3, extent.sectors());
            for (CopyPlace place : extent.places()) {
                assertEquals(3, place.memberSector() % CHUNK);
                placed.get((int) (place.memberSector() / CHUNK)).set(place.slot(), (int) chunk);
            }
        }
        assertEquals(rows, placed);
    }

    /** Every combination up to 9 slots that is served: no two chunks share a place, and each copy has its own slot. */
    @Test
    void noTwoChunksShareAPlace() {
        int sound = 0;
        for (int slots = 2; slots <= 9; slots++) {
            for (int number = 0; number < 1 << 19; number += 1 << 16) {
                for (int near = 1; near <= slots; near++) {
                    for (int far = 1; near * far <= slots; far++) {
                        CopyCounts counts = CopyCounts.of(number | far << 8 | near);
                        if (counts.copies() > 1 && counts.farSets() < 3 && NearFarLayout.isSound(counts, slots)) {
                            checkPlaces(counts, slots);
                            sound++;
                        }
                    }
                }
            }
        }
        assertTrue(sound > 200, sound + " sound layouts");
    }

    private static void checkPlaces(CopyCounts counts, int slots) {
        for (long rows : new long[] {12, 13, 17}) {
            NearFarLayout layout = new NearFarLayout(counts, slots, CHUNK, rows * CHUNK);
            Set<CopyPlace> all = new HashSet<>();
            long chunks = layout.volumeSectors() / CHUNK;
            for (long chunk = 0; chunk < chunks; chunk++) {
                List<CopyPlace> places = layout.extentAt(chunk * CHUNK).places();
                String what = counts + " of " + slots + ", chunk " + chunk + ": " + places;
                assertEquals(counts.copies(), places.size(), what);
                places.forEach(place -> assertTrue(place.memberSector() < rows * CHUNK, what));
                assertTrue(all.addAll(places) && all.size() == (chunk + 1) * counts.copies(), what);
                assertTrue(
                        layout.slotSets()
                                .contains(places.stream()
                                        .map(CopyPlace::slot)
                                        .sorted()
                                        .toList()),
                        what);
            }
        }
    }

    @Test
    void layoutsInWhichMdOverwritesItselfAreNotSound() {
        assertFalse(NearFarLayout.isSound(CopyCounts.of(0x10202), 5));
        assertFalse(NearFarLayout.isSound(CopyCounts.of(0x40202), 9));
    }
}
