package io.mdfuse.fuse;

import static io.mdfuse.fuse.ScratchMount.must;
import static io.mdfuse.fuse.ScratchMount.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A mount with several files: each request reaches the file that is meant, by path or by handle. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SeveralFilesTest {
    @TempDir
    Path directory;

    private final MemoryVolume array = volume("array", 1 << 20, 1);
    private final MemoryVolume readOnly = volume("inner", 300_000, 2);
    private final MemoryVolume writable = volume("other", 64 << 10, 3);

    private static MemoryVolume volume(String name, int sizeBytes, int seed) {
        MemoryVolume volume = new MemoryVolume(name, sizeBytes);
        byte[] content = new byte[sizeBytes];
        new Random(seed).nextBytes(content);
        try {
            volume.write(0, MemorySegment.ofArray(content));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return volume;
    }

    @ParameterizedTest
    @EnumSource(Frontend.class)
    void eachRequestReachesItsFile(Frontend frontend) throws Exception {
        array.readOnly = true;
        readOnly.readOnly = true;
        writable.alsoShow(() -> Map.of("array_state", "mine"));
        MountOptions options = ScratchMount.options(frontend);
        MountSession session = MountSession.mount(
                List.of(ServedFile.of(array), new ServedFile("vg-home", readOnly), ServedFile.of(writable)),
                directory,
                options);
        try {
            assertEquals("array\nvg-home\nother\n", must("ls", "-U", directory));
            assertArrayEquals(array.bytes(), Files.readAllBytes(directory.resolve("array")));
            assertArrayEquals(readOnly.bytes(), Files.readAllBytes(directory.resolve("vg-home")));
            assertArrayEquals(writable.bytes(), Files.readAllBytes(directory.resolve("other")));
            assertTrue(run("cat", directory.resolve("inner")).status() != 0);
            assertThrows(
                    IOException.class,
                    () -> Files.write(directory.resolve("vg-home"), new byte[1], StandardOpenOption.WRITE));
            writeThroughHandles();
            Files.setLastModifiedTime(directory.resolve("other"), FileTime.fromMillis(1_000_000));
            assertEquals(FileTime.fromMillis(1_000_000), Files.getLastModifiedTime(directory.resolve("other")));
            assertEquals("mine", attribute("other"));
            assertTrue(run("ls", directory.resolve("array/x")).status() != 0);
        } finally {
            session.stop(Duration.ZERO);
        }
    }

    private String attribute(String file) throws IOException {
        Object value = Files.getAttribute(directory.resolve(file), "user:md.array_state");
        return new String((byte[]) value, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Two open files at once; the write, its fsync and the status by handle belong to the second. */
    private void writeThroughHandles() throws IOException {
        int flushes = writable.flushes.get();
        try (FileChannel first = FileChannel.open(directory.resolve("array"), StandardOpenOption.READ);
                FileChannel second = FileChannel.open(
                        directory.resolve("other"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            second.write(ByteBuffer.wrap(new byte[] {7, 8, 9}), 4096);
            second.force(true);
            assertEquals(flushes + 1, writable.flushes.get());
            assertEquals(0, array.flushes.get());
            assertEquals(9, writable.bytes()[4098]);
            second.truncate(100);
            second.write(ByteBuffer.wrap(new byte[] {1}), 200);
            assertEquals(0, writable.bytes()[150]);
            assertEquals(array.sizeBytes(), first.size());
            assertEquals(writable.sizeBytes(), second.size());
        }
    }

    @Test
    void twoFilesWithOneNameAreAMistake() {
        VolumeOperations file = new VolumeOperations(array, new Owner(1, 1), () -> java.time.Instant.EPOCH);
        assertThrows(IllegalArgumentException.class, () -> new ServedDirectory(List.of(file, file)));
    }
}
