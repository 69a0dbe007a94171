package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Space that is reserved in a real file system. */
class ReservedFileTest {
    private static final int SIZE_BYTES = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void reservedBlocksAreAllocatedAndAreAHoleEvenAfterARead() throws IOException {
        Path path = directory.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        try (FileDevice device = FileDevice.open(path, Access.READ_WRITE, false);
                Arena arena = Arena.ofConfined()) {
            assertEquals(0, device.allocatedBytes());
            device.reserve(0, SIZE_BYTES);
            assertTrue(device.guaranteesSpace());
            assertTrue(device.allocatedBytes() >= SIZE_BYTES, device.allocatedBytes() + " bytes are reserved");
            assertTrue(device.isHole(0, SIZE_BYTES), "never written");
            device.read(0, arena.allocate(SIZE_BYTES));
            assertTrue(device.isHole(0, SIZE_BYTES), "read, never written");
            device.trim(0, SIZE_BYTES);
            assertEquals(0, device.allocatedBytes());
            device.reserve(4096, 1);
            assertEquals(4096, device.allocatedBytes(), "a trim frees the reserved blocks");
        }
    }
}
