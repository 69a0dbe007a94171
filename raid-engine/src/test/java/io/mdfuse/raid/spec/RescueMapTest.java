package io.mdfuse.raid.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.device.DeviceOpenException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps of ddrescue, and which map an image has. */
final class RescueMapTest {
    private static final String HEAD = "# Mapfile. Created by GNU ddrescue version 1.27\n# current_pos  status\n";
    private static final String WHOLE = "0x0 ? 1\n0x0 0x4000 +\n0x4000 0x200 -\n0x4200 0x1000 ?\n0x5200 0xae00 +\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path image = Path.of("");

    @BeforeEach
    void makeImage() throws IOException {
        image = directory.resolve("disk.dd");
        resize(65536);
    }

    private void resize(long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text, StandardCharsets.ISO_8859_1);
    }

    private ByteRanges holes(String suffix) throws IOException {
        try (BlockDevice device = SpecifiedDevice.open(DeviceSpec.parse(image + suffix), Access.READ_ONLY, false)) {
            return device.unreadable();
        }
    }

    private String refusal(String suffix) {
        String why = String.valueOf(
                assertThrows(DeviceOpenException.class, () -> holes(suffix)).getMessage());
        assertEquals(1, why.lines().count(), why);
        return why;
    }

    @Test
    void everyStatusButReadIsUnreadable() throws IOException {
        Path map = write("a", HEAD + WHOLE.replace("0x1000 ?", "4096 *").replace("0x5200 0xae00 +", "0x5200 0xae00 /"));
        assertEquals(new RescueMap(65536, ByteRanges.of(0x4000, 65536)), RescueMap.read(map));
        Path late = write("b", "010 - 2\n8 8 +\n020 0x10 -\n");
        assertEquals(
                new RescueMap(32, ByteRanges.of(List.of(new Range(0, 8), new Range(16, 32)))), RescueMap.read(late));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# Mapfile\n",
                "0x0 ?\n",
                "0x0 0x100 +\n",
                "0x0 ? 1\n0x0 0x100\n",
                "0x0 ? 1\n0x0 0x100 x\n",
                "0x0 ? 1\n0x0 0 +\n",
                "0x0 ? 1\n-1 0x10 +\n",
                "0x0 ? 1\n0x0 0x100 +\n0x200 0x100 +\n",
                "0x0 ? 1\n0x0 0x100 +\n0x80 0x100 +\n",
                "0x0 ? 1\n0x0 0x8000000000000000 +\n",
                "0x0 ? 1\n0x10 0x7fffffffffffffff +\n",
                "0x0 ? 1\n0x0 099 +\n",
                "binary\0\0\0"
            })
    void whatIsNoMapIsRefused(String text) throws IOException {
        write("disk.map", text);
        assertTrue(refusal("").contains("disk.map"), refusal(""));
        assertTrue(refusal("").contains(",map=none"), refusal(""));
        assertTrue(refusal(",map=" + directory.resolve("disk.map")).contains("map"));
        assertEquals(ByteRanges.NONE, holes(",map=none"));
    }

    @Test
    void aMapBesideTheImageIsFound() throws IOException {
        ByteRanges expected = ByteRanges.of(0x4000, 0x5200);
        for (String name : List.of("disk.map", "disk.dd.map", "disk.mapfile", "disk.log", "disk.dd.log")) {
            Path map = write(name, WHOLE);
            assertEquals(expected, holes(""), name);
            assertEquals(ByteRanges.of(0, 0x1000), holes("@16K,4K"), "the map is of the disk, and not of the part");
            Files.delete(map);
        }
        write("disk.log", "started at noon\n");
        assertEquals(ByteRanges.NONE, holes(""));
        write("disk.map", WHOLE);
        write("disk.dd.map", WHOLE);
        assertTrue(refusal("").contains("choose one with ,map=FILE"), refusal(""));
        assertEquals(expected, holes(",map=" + directory.resolve("disk.map")));
        assertTrue(refusal(",map=" + directory.resolve("absent")).contains("no such map"));
        assertTrue(refusal(",map=").contains("missing"));
        DeviceSpec spec = DeviceSpec.parse(image + "@4K,4K,map=disk.map");
        assertEquals(spec, DeviceSpec.parse(spec.toString()));
    }

    /** ddrescue leaves an image short whose last blocks it could not read. */
    @Test
    void theMapMustBeOfTheImagesSize() throws IOException {
        write("disk.map", WHOLE);
        resize(65537);
        assertTrue(refusal("").contains("has 65537 bytes, but its map"), refusal(""));
        resize(65535);
        assertTrue(refusal("").contains("is of 65536"), refusal(""));
        write("disk.map", WHOLE.replace("0x5200 0xae00 +", "0x5200 0xae00 -"));
        resize(0x4000);
        assertEquals(ByteRanges.of(0x4000, 65536), holes(""));
        resize(0x4100);
        assertEquals(ByteRanges.of(0x4000, 65536), holes(""));
    }

    /**
     * No text raises another error than the typed one, and what is read is bounded. {@code -Dmdfuse.fuzz=100000} tries
     * as many.
     */
    @Test
    void noiseIsReadOrRefused() throws IOException {
        Random random = new Random(9);
        String letters = "0123456789abcdefx+-*/?#FG \n\n\t\0";
        int inputs = Integer.getInteger("mdfuse.fuzz", 4000);
        int read = 0;
        for (int round = 0; round < inputs; round++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? HEAD + WHOLE : WHOLE);
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                char letter = letters.charAt(random.nextInt(letters.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, letter);
                    case 1 -> text.insert(at, letter);
                    default -> text.deleteCharAt(at);
                }
            }
            Path map = write("noise.map", text.toString());
            RescueMap.beginsLikeOne(map);
            try {
                RescueMap found = RescueMap.read(map);
                assertTrue(found.unreadable().totalBytes() <= found.sizeBytes());
                read++;
            } catch (DeviceOpenException refused) {
                assertTrue(String.valueOf(refused.getMessage()).startsWith(map + ": "), refused.getMessage());
            }
        }
        assertTrue(read > inputs / 8, read + " were maps");
    }

    @Test
    void aMapHasABound() throws IOException {
        StringBuilder text = new StringBuilder("0 ? 1\n");
        for (int block = 0; block <= RescueMap.MAX_BLOCKS; block++) {
            text.append(block).append(" 1 ").append(block % 2 == 0 ? "+\n" : "-\n");
        }
        Path map = write("large", text.toString());
        assertTrue(String.valueOf(assertThrows(DeviceOpenException.class, () -> RescueMap.read(map))
                        .getMessage())
                .contains("more than 500000 blocks"));
        try (RandomAccessFile file = new RandomAccessFile(map.toFile(), "rw")) {
            file.setLength(RescueMap.MAX_BYTES + 1L);
        }
        assertThrows(DeviceOpenException.class, () -> RescueMap.read(map));
    }
}
