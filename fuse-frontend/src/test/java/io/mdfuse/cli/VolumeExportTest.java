package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.spec.RescueMap;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy has exactly the volume's bytes, zeros in exactly the lost sectors, and goes on after an interruption. */
class VolumeExportTest {
    private static final int SIZE = (9 << 20) + 512 * 3;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final byte[] content = new byte[SIZE];
    private ByteRanges lost = ByteRanges.NONE;
    private long diesAt = Long.MAX_VALUE;
    private long bytesRead;
    private boolean keepMap;

    /** A volume that can't read the lost ranges. */
    private final class LossyVolume implements Volume {
        @Override
        public String name() {
            return "lossy";
        }

        @Override
        public long sizeBytes() {
            return SIZE;
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            if (offsetBytes >= diesAt) {
                throw new IllegalStateException("killed");
            }
            if (lost.overlaps(offsetBytes, target.byteSize())) {
                throw new IOException("lost");
            }
            bytesRead += target.byteSize();
            MemorySegment.copy(MemorySegment.ofArray(content), offsetBytes, target, 0, target.byteSize());
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void flush() {}

        @Override
        public void zero(long offsetBytes, long lengthBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, String> attributes() {
            return Map.of();
        }
    }

    @BeforeEach
    void fill() {
        new Random(6).nextBytes(content);
        Arrays.fill(content, 1 << 20, 6 << 20, (byte) 0);
        Arrays.fill(content, 7 << 20, (7 << 20) + 8192, (byte) 0);
    }

    private Path file() {
        return directory.resolve("copy.img");
    }

    private Path map() {
        return directory.resolve("copy.img.map");
    }

    private long export(String identity) throws IOException {
        try (ExportTarget target = ExportFile.open(file(), new ExportFile.MapFile(map(), keepMap), identity, SIZE)) {
            PrintWriter err = new PrintWriter(new StringWriter());
            VolumeExport export = new VolumeExport(new LossyVolume(), target, new ExportProgress(err, SIZE));
            byte[] expected = content.clone();
            lost.list()
                    .forEach(
                            range -> Arrays.fill(expected, (int) range.startBytes(), (int) range.endBytes(), (byte) 0));
            assertEquals(sha256(expected), export.run());
            assertArrayEquals(expected, Files.readAllBytes(file()));
            return export.unreadableBytes();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void allIsCopiedAndZerosTakeNoSpace() throws IOException {
        assertEquals(0, export("array x"));
        assertFalse(Files.exists(map()));
        long blocks = allocatedBytes();
        assertTrue(blocks < SIZE - (4 << 20), blocks + " bytes are allocated");
        IOException e = assertThrows(IOException.class, () -> export("array x"));
        assertTrue(String.valueOf(e.getMessage()).contains("exists"), e.getMessage());
    }

    @Test
    void aMapThatIsAskedForStays() throws IOException {
        keepMap = true;
        export("array x");
        assertEquals(new RescueMap(SIZE, ByteRanges.NONE), RescueMap.read(map()));
        bytesRead = 0;
        assertEquals(0, export("array x"), "the same command reads nothing again");
        assertEquals(0, bytesRead);
    }

    private long allocatedBytes() throws IOException {
        Process du = new ProcessBuilder("du", "-B1", file().toString()).start();
        String line = new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return Long.parseLong(line.substring(0, line.indexOf('\t')));
    }

    @Test
    void lostSectorsAreInTheMapAndAreTriedAgain() throws IOException {
        ByteRanges holes =
                ByteRanges.of(List.of(new Range(512, 1024), new Range(70_144, 70_656), new Range(SIZE - 512, SIZE)));
        lost = holes;
        assertEquals(1536, export("array x"));
        assertEquals(new RescueMap(SIZE, holes), RescueMap.read(map()));
        lost = ByteRanges.of(70_144, 70_656);
        bytesRead = 0;
        assertEquals(512, export("array x"));
        assertEquals(1024, bytesRead, "only what was lost is read again");
        lost = ByteRanges.NONE;
        assertEquals(0, export("array x"));
        assertFalse(Files.exists(map()));
    }

    /** What the map does not call read is read again, and what an earlier run left there is gone. */
    @Test
    void anInterruptedExportGoesOn() throws IOException {
        lost = ByteRanges.of(4096, 4608);
        diesAt = 8 << 20;
        assertThrows(IllegalStateException.class, () -> export("array x"));
        Files.writeString(map(), "# array x\n0 ? 1\n0 4096 +\n4096 512 -\n4608 0x1ff000 +\n0x200200 0x700400 ?\n");
        try (var channel = java.nio.channels.FileChannel.open(file(), java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 7 << 20);
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 4200);
        }
        diesAt = Long.MAX_VALUE;
        bytesRead = 0;
        assertEquals(512, export("array x"));
        assertEquals(SIZE - 0x200200, bytesRead);
    }

    @Test
    void anotherArrayIsRefused() throws IOException {
        lost = ByteRanges.of(4096, 4608);
        export("array x");
        byte[] before = Files.readAllBytes(file());
        String mapBefore = Files.readString(map());
        for (String identity : List.of("array y", "array x, event 2")) {
            IOException e = assertThrows(IOException.class, () -> export(identity));
            assertTrue(String.valueOf(e.getMessage()).contains("not the map of an export of this array"), e.toString());
        }
        Files.writeString(map(), "# array x\n0 ? 1\n0 4096 +\n");
        assertThrows(IOException.class, () -> export("array x"));
        Files.writeString(map(), mapBefore);
        assertArrayEquals(before, Files.readAllBytes(file()));
        Files.delete(file());
        assertThrows(IOException.class, () -> export("array x"));
        assertFalse(Files.exists(file()));
    }

    private void assertRefused(String identity, String... words) throws IOException {
        String before = Files.readString(map());
        IOException e = assertThrows(IOException.class, () -> export(identity));
        for (String word : words) {
            assertTrue(String.valueOf(e.getMessage()).contains(word), e.toString());
        }
        assertEquals(before, Files.readString(map()));
    }

    /** The refusal says which of the three does not fit: the array, the map or the file. */
    @Test
    void aRefusalSaysWhatWasFound() throws IOException {
        lost = ByteRanges.of(4096, 4608);
        export("array x, event 1");
        assertRefused("array x, event 2", map().toString(), "array x, event 1", "array x, event 2");
        shorten(SIZE - 512);
        assertRefused("array x, event 1", file() + ": has " + (SIZE - 512) + " bytes", "up to byte " + SIZE);
        shorten(SIZE + 512);
        assertRefused("array x, event 1", file() + ": has " + (SIZE + 512) + " bytes", "has " + SIZE);
        shorten(SIZE);
        Files.writeString(map(), "# array x, event 1\n0 ? 1\n0 4096 +\n");
        assertRefused("array x, event 1", map() + ": covers 4096 bytes", "has " + SIZE);
        Files.writeString(map(), "0 ? 1\n0 4096 +\n");
        assertRefused("array x, event 1", map() + ": is not the map of an export");
    }

    private void shorten(long bytes) throws IOException {
        try (java.io.RandomAccessFile end = new java.io.RandomAccessFile(file().toFile(), "rw")) {
            end.setLength(bytes);
        }
    }

    /** The map is replaced by way of FILE.map.new: a file of that name which no export left there stays as it is. */
    @Test
    void aForeignFileBesideTheMapIsNotReplaced() throws IOException {
        Path next = directory.resolve("copy.img.map.new");
        Files.writeString(next, "precious");
        IOException e = assertThrows(IOException.class, () -> export("array x"));
        assertTrue(String.valueOf(e.getMessage()).startsWith(next + ": exists"), e.toString());
        assertEquals("precious", Files.readString(next));
        assertFalse(Files.exists(file()) || Files.exists(map()));
        Files.delete(next);
        Path other = Files.writeString(directory.resolve("other"), "precious");
        Files.createSymbolicLink(next, other);
        assertThrows(IOException.class, () -> export("array x"));
        assertEquals("precious", Files.readString(other));
        Files.delete(next);
        for (String left : List.of("", "# Mapf", "# Mapfile. Created by mdfuse export\n# array")) {
            Files.writeString(next, left);
            assertEquals(0, export("array x"), "left by a crash");
            assertFalse(Files.exists(next));
            Files.delete(file());
        }
    }

    @Test
    void aFileThatCanNotBeMadeIsRefusedInWords() throws IOException {
        Path inNone = directory.resolve("none/copy");
        IOException e = assertThrows(IOException.class, () -> open(inNone));
        assertEquals(inNone + ": its directory " + inNone.getParent() + " does not exist", e.getMessage());
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, inNone);
        e = assertThrows(IOException.class, () -> open(link));
        assertEquals(link + ": is a symbolic link to " + inNone + ", which does not exist", e.getMessage());
        Files.createFile(directory.resolve("file"));
        Path below = directory.resolve("file/copy");
        e = assertThrows(IOException.class, () -> open(below));
        assertEquals(below + ": " + below.getParent() + " is not a directory", e.getMessage());
    }

    private static void open(Path copy) throws IOException {
        ExportFile.MapFile map = new ExportFile.MapFile(Path.of(copy + ".map"), false);
        ExportFile.open(copy, map, "array x", SIZE).close();
    }
}
