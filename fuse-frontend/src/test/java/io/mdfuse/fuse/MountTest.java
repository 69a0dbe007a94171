package io.mdfuse.fuse;

import static io.mdfuse.fuse.ScratchMount.must;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file as the kernel and ordinary programs see it, on a real mount. */
class MountTest {
    private static final int SIZE_BYTES = 16 << 20;

    @TempDir
    Path scratch;

    private final MemoryVolume volume = new MemoryVolume("vol", SIZE_BYTES);

    private Path randomFile(int sizeBytes) throws Exception {
        byte[] content = new byte[sizeBytes];
        new Random(sizeBytes).nextBytes(content);
        return Files.write(scratch.resolve("input"), content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "4096", "5000", "131072", "1M", "4M"})
    void ddCopiesInAndOutWithEveryBlockSize(String blockSize) throws Exception {
        Path input = randomFile(3_000_000);
        Path output = scratch.resolve("output");
        try (ScratchMount mount = new ScratchMount(volume)) {
            must("dd", "if=" + input, "of=" + mount.file, "bs=" + blockSize, "conv=fsync", "status=none");
            must("dd", "if=" + mount.file, "of=" + output, "bs=" + blockSize, "status=none");
        }
        byte[] expected = Arrays.copyOf(Files.readAllBytes(input), SIZE_BYTES);
        assertArrayEquals(expected, volume.bytes());
        assertArrayEquals(expected, Files.readAllBytes(output));
        assertNotEquals(0, volume.flushes.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "4096", "128K", "1M", "4M"})
    void ddDirectAtAnOffsetTouchesNothingElse(String blockSize) throws Exception {
        Path input = randomFile(4 << 20);
        must("truncate", "-s", SIZE_BYTES, scratch.resolve("model"));
        try (ScratchMount mount = new ScratchMount(volume)) {
            for (Path target : new Path[] {mount.file, scratch.resolve("model")}) {
                must(
                        "dd",
                        "if=" + input,
                        "of=" + target,
                        "bs=" + blockSize,
                        "seek=2",
                        "conv=notrunc",
                        "count=1",
                        "status=none",
                        "oflag=direct");
            }
        }
        assertArrayEquals(Files.readAllBytes(scratch.resolve("model")), volume.bytes());
    }
}
