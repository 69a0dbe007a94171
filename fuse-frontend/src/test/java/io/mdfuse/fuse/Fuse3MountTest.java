package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The file as the kernel and ordinary programs see it, served through libfuse 3. */
class Fuse3MountTest extends MountTest {
    private static final int WRITES = 2000;

    @Override
    Frontend frontend() {
        return Frontend.FUSE3;
    }

    /** Without the feature of {@link Fuse3Handshake} the kernel asks for an attribute before each write. */
    @Test
    void theKernelSendsOneRequestForEachWrite() throws Exception {
        Assumptions.assumeTrue(kernelIsAtLeast(5, 11), "the kernel offers the feature from 5.11 on");
        try (ScratchMount mount = new ScratchMount(new MemoryVolume("vol", 1 << 20), frontend());
                FileChannel channel = FileChannel.open(mount.file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(4096);
            long before = readCalls();
            for (int i = 0; i < WRITES; i++) {
                assertEquals(block.capacity(), channel.write(block.clear(), 0));
            }
            long requests = readCalls() - before;
            assertTrue(requests < WRITES * 3 / 2, requests + " requests for " + WRITES + " writes");
        }
    }

    /** Calls of read(2) that this process has made: one for each request of the kernel, and a few others. */
    private static long readCalls() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/io")).stream()
                .filter(line -> line.startsWith("syscr: "))
                .mapToLong(line -> Long.parseLong(line.substring("syscr: ".length())))
                .sum();
    }

    private static boolean kernelIsAtLeast(int major, int minor) {
        Matcher version = Pattern.compile("(\\d+)\\.(\\d+).*").matcher(System.getProperty("os.version"));
        assertTrue(version.matches(), System.getProperty("os.version"));
        int has = Integer.parseInt(version.group(1));
        return has > major || (has == major && Integer.parseInt(version.group(2)) >= minor);
    }
}
