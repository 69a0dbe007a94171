package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image file through the host's page cache. */
final class FileDeviceTest extends BlockDeviceContract {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    FileDeviceTest() {}

    @Override
    protected BlockDevice create() throws Exception {
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        return FileDevice.open(image, Access.READ_WRITE, false);
    }

    /** A write behind the end would make the file longer again, and the hole before it would read as zeros. */
    @Test
    void aFileThatHasBecomeShorterIsNotWritten() throws Exception {
        MemorySegment block = Arena.ofAuto().allocate(4096, 4096);
        Path image = folder.resolve("shrinking");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
            try (BlockDevice device = FileDevice.open(image, Access.READ_WRITE, false)) {
                shrink(device, file, block);
            }
        }
    }

    private static void shrink(BlockDevice device, RandomAccessFile file, MemorySegment block) throws Exception {
        device.write(0, block);
        file.setLength(8192);
        assertThrows(DeviceException.class, () -> device.read(65536, block));
        for (long offset : new long[] {65536, 0}) {
            DeviceException refused = assertThrows(DeviceException.class, () -> device.write(offset, block));
            assertTrue(String.valueOf(refused.getMessage()).contains("shorter"), refused.toString());
        }
        assertThrows(DeviceException.class, () -> device.reserve(65536, 4096));
        assertEquals(8192, file.length());
        device.read(4096, block);
    }
}
