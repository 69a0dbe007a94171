package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.spec.RescueMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An export to a file system that becomes full says so, and the same command goes on from there. */
class ExportToFullHostTest {
    private static final int SIZE = 16 << 20;
    private static final int HOST_BYTES = 6 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final byte[] content = new byte[SIZE];

    @BeforeEach
    void mount() throws IOException {
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=6m", "none", directory.toString()), "mounting takes root");
        new Random(8).nextBytes(content);
    }

    @AfterEach
    void unmount() throws IOException {
        run("umount", "-l", directory.toString());
    }

    private static boolean run(String... command) throws IOException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private ExportFile open() throws IOException {
        return ExportFile.open(file(), new ExportFile.MapFile(map(), false), "array x", SIZE);
    }

    private Path file() {
        return directory.resolve("copy.img");
    }

    private Path map() {
        return directory.resolve("copy.img.map");
    }

    private void writeAll(ExportFile target, int pieceBytes) throws IOException {
        for (int at = 0; at < SIZE; at += pieceBytes) {
            int length = Math.min(pieceBytes, SIZE - at);
            if (target.done().within(at, length).totalBytes() < length) {
                target.write(at, ByteBuffer.wrap(content, at, length).slice());
            }
        }
        target.finish();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65536, 1 << 20})
    void theMapHasWhatWasWritten(int pieceBytes) throws IOException {
        for (int hole = 8192; hole < SIZE; hole += 3 * 8192) {
            Arrays.fill(content, hole, hole + 8192, (byte) 0);
        }
        try (ExportFile target = open()) {
            IOException e = assertThrows(IOException.class, () -> writeAll(target, pieceBytes));
            String why = String.valueOf(e.getMessage());
            assertTrue(why.startsWith(file() + ": can't be written: No space left on device"), why);
            assertTrue(why.endsWith("; the same command goes on there"), why);
        }
        ByteRanges left = RescueMap.read(map()).unreadable();
        assertEquals(1, left.count(), left.toString());
        assertTrue(left.list().getFirst().startBytes() >= HOST_BYTES / 2, left.toString());
        assertTrue(run("mount", "-o", "remount,size=40m", directory.toString()));
        try (ExportFile target = open()) {
            assertEquals(left.list().getFirst().startBytes(), target.done().totalBytes());
            writeAll(target, pieceBytes);
        }
        assertArrayEquals(content, Files.readAllBytes(file()));
    }

    /** Nothing can be written at all: no file stays that would keep the same command from going on. */
    @Test
    void aHostThatIsFullFromTheStartKeepsNothing() throws IOException {
        Path filler = directory.resolve("filler");
        run("dd", "if=/dev/zero", "of=" + filler, "bs=4k");
        IOException e = assertThrows(IOException.class, this::open);
        String why = String.valueOf(e.getMessage());
        assertTrue(why.startsWith(file().toString()) && why.contains("No space left on device"), why);
        try (var files = Files.list(directory)) {
            assertEquals(1, files.count());
        }
    }
}
