package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that ends early, shown with its full size; alone, and below a {@link CopyOnWriteDevice}. */
final class CutShortDeviceTest {
    private static final int LENGTH = 3 * 4096 + 512;
    private static final int FULL = 8 * 4096;

    @Test
    void bytesBehindTheEndCannotBeReadOrWritten(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("image"), new byte[LENGTH]);
        try (FileDevice image = FileDevice.open(file, Access.READ_WRITE, false);
                Arena arena = Arena.ofConfined()) {
            CutShortDevice device = new CutShortDevice(image, FULL);
            assertEquals(FULL, device.sizeBytes());
            device.read(LENGTH - 512, arena.allocate(512));
            DeviceException e = assertThrows(DeviceException.class, () -> device.read(3 * 4096, arena.allocate(4096)));
            assertTrue(String.valueOf(e.getMessage()).contains("ends at byte " + LENGTH), e::getMessage);
            assertThrows(DeviceException.class, () -> device.write(FULL - 512, arena.allocate(512)));
            assertThrows(DeviceException.class, () -> device.trim(LENGTH, 512));
            assertThrows(IndexOutOfBoundsException.class, () -> device.read(FULL, arena.allocate(1)));
            device.prefetch(LENGTH, 512);
            device.evict(LENGTH, 512);
        }
        assertEquals(LENGTH, Files.size(file));
    }

    /**
     * As in the replay of a journal: a block behind the end that was written in memory can be read, in part and with
     * the blocks around it.
     */
    @Test
    void aBlockBehindTheEndThatIsWrittenInMemoryCanBeRead(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("image"), new byte[LENGTH]);
        try (FileDevice image = FileDevice.open(file, Access.READ_ONLY, false);
                Arena arena = Arena.ofConfined()) {
            CopyOnWriteDevice device = new CopyOnWriteDevice(new CutShortDevice(image, FULL));
            MemorySegment written = arena.allocate(4096);
            written.fill((byte) 7);
            device.write(4 * 4096, written);
            device.write(5 * 4096, written);
            MemorySegment read = arena.allocate(8192);
            device.read(4 * 4096, read);
            assertEquals(-1, read.asSlice(4096).mismatch(written));
            device.read(4 * 4096 + 512, read.asSlice(0, 512));
            assertEquals(7, read.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
            assertThrows(DeviceException.class, () -> device.read(3 * 4096, read));
            assertThrows(DeviceException.class, () -> device.write(6 * 4096, written.asSlice(0, 512)));
            device.close();
        }
    }
}
