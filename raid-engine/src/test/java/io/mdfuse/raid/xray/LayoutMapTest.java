package io.mdfuse.raid.xray;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The map of the first chunks: with parity by mdadm's own tables, without it by what md makes of the numbers. */
class LayoutMapTest {
    private static final int CHUNK = 16;

    private static Superblock superblock(int level, int layout, int slots, long usedChunks, int features) {
        return Superblock.of(SuperblockEditor.blank(MetadataVersion.V1_2, slots)
                .level(level)
                .layout(layout)
                .raidDisks(slots)
                .chunkSectors(CHUNK)
                .usedSectors(usedChunks * CHUNK)
                .featureMap(features));
    }

    private static SortedMap<Integer, Long> sizes(long... chunks) {
        SortedMap<Integer, Long> sizes = new TreeMap<>();
        for (long each : chunks) {
            sizes.put(sizes.size(), each * CHUNK);
        }
        return sizes;
    }

    /** Rows with their own numbers before them, if one is left out before. */
    private static String drawn(LayoutMap map) {
        List<String> rows = new ArrayList<>();
        long expected = 0;
        for (MapRow row : map.rows()) {
            assertEquals(0, row.memberSector() % CHUNK);
            long number = row.memberSector() / CHUNK;
            rows.add((number == expected ? "" : "row " + number + ": ")
                    + row.cells().stream().map(MapCell::drawn).collect(Collectors.joining(" ")));
            expected = number + 1;
        }
        return String.join(" | ", rows);
    }

    private static List<String> mdadmsTable() throws IOException {
        try (InputStream table = LayoutMapTest.class.getResourceAsStream("/layout-tables.txt")) {
            return new String(Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    /** The lines are "level number name row row …"; in a row the character at a slot is P, Q or a data chunk. */
    @ParameterizedTest
    @MethodSource("mdadmsTable")
    void parityLayoutsAreDrawnAsInMdadmsTable(String line) throws ArrayRefusedException {
        String[] words = line.trim().split("\\s+", -1);
        int level = Integer.parseInt(words[0]);
        List<String> wanted = new ArrayList<>();
        int slots = words[3].replaceAll("\\[.*", "").length();
        int dataDisks = slots - (level == 6 ? 2 : 1);
        for (int row = 0; row < words.length - 3; row++) {
            List<String> cells = new ArrayList<>();
            for (char each : words[3 + row].replaceAll("\\[.*", "").toCharArray()) {
                cells.add(Character.isDigit(each) ? "" + (row * dataDisks + each - '0') : "" + each);
            }
            wanted.add(String.join(" ", cells));
        }
        LayoutMap map = MapMaker.of(superblock(level, Integer.parseInt(words[1]), slots, 100, 0), sizes());
        assertEquals(String.join(" | ", wanted), drawn(map));
        assertEquals(100L * CHUNK * dataDisks, map.volumeSectors());
        assertTrue(map.spans().isEmpty());
    }

    @Test
    void theRowsEndWithTheArray() throws ArrayRefusedException {
        assertEquals("0 1 P | 2 3 P", drawn(MapMaker.of(superblock(4, 0, 3, 2, 0), sizes())));
        assertEquals(
                LayoutMap.MOST_ROWS,
                MapMaker.of(superblock(5, 2, 20, 1000, 0), sizes()).rows().size());
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0x102, 20, 0 0 1 | 1 2 2 | 3 3 4 | 4 5 5",
        "3, 0x201, 20, 0 1 2 | 3 4 5 | 6 7 8 | 9 10 11 | row 10: 2 0 1 | 5 3 4 | 8 6 7 | 11 9 10",
        "3, 0x10201, 20, 0 1 2 | 2 0 1 | 3 4 5 | 5 3 4",
        "4, 0x102, 2, 0 0 1 1 | 2 2 3 3",
        "4, 0x10301, 9, 0 1 2 3 | 3 0 1 2 | 2 3 0 1 | 4 5 6 7 | 7 4 5 6 | 6 7 4 5"
    })
    void raid10(int slots, String layout, int chunks, String wanted) throws ArrayRefusedException {
        assertEquals(wanted, drawn(MapMaker.of(superblock(10, Integer.decode(layout), slots, chunks, 0), sizes())));
    }

    /** Members of 2, 4 and 9 chunks: three zones. In the original layout the turns count from the volume's start. */
    @Test
    void raid0ShowsEachZone() throws ArrayRefusedException {
        SortedMap<Integer, Long> sizes = sizes(2, 9, 4);
        String first = "0 1 2 | 3 4 5 | ";
        assertEquals(
                first + ". 6 7 | . 8 9 | . 10 . | . 11 . | . 12 . | . 13 .",
                drawn(MapMaker.of(superblock(0, 2, 3, 0, Features.RAID0_LAYOUT), sizes)));
        assertEquals(
                "0 1 2 | 3 4 5 | 6 7 8 | 9 10 11", drawn(MapMaker.of(superblock(0, 0, 3, 0, 0), sizes(50, 50, 50))));
        assertEquals(
                "0 1 | 2 3 | 4 5 | row 51: . 102 | . 103 | . 104",
                drawn(MapMaker.of(superblock(0, 2, 2, 0, Features.RAID0_LAYOUT), sizes(51, 99))));
    }

    @Test
    void levelsWithoutRowsAreSpans() throws ArrayRefusedException {
        assertEquals(
                List.of(new MapSpan(0, 0, 0, 5 * CHUNK), new MapSpan(1, 0, 0, 5 * CHUNK)),
                MapMaker.of(superblock(1, 0, 2, 5, 0), sizes()).spans());
        assertEquals(
                List.of(new MapSpan(0, 0, 0, 3 * CHUNK), new MapSpan(1, 0, 3 * CHUNK, 4 * CHUNK)),
                MapMaker.of(superblock(-1, 0, 2, 0, 0), sizes(3, 4)).spans());
    }

    @Test
    void whatIsNotKnownIsSaid() {
        assertRefused("1 of 2 are given", superblock(0, 2, 2, 0, Features.RAID0_LAYOUT), sizes(5));
        assertRefused("kernel before 3.14", superblock(0, 0, 2, 0, 0), sizes(5, 6));
        assertRefused("reshape is in progress", superblock(5, 2, 3, 5, Features.RESHAPE_ACTIVE), sizes());
        assertRefused("level 5 with layout 77 is not known", superblock(5, 77, 3, 5, 0), sizes());
        assertRefused("needs more than 1 disks", superblock(5, 2, 1, 5, 0), sizes());
    }

    private static void assertRefused(String words, Superblock superblock, SortedMap<Integer, Long> sizes) {
        String message = assertThrows(ArrayRefusedException.class, () -> MapMaker.of(superblock, sizes))
                .getMessage();
        assertTrue(String.valueOf(message).contains(words), message);
    }
}
