package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies small records between a device and the Java heap. Superblocks are small and rarely read or written, so for
 * them a copy through native memory costs nothing and lets the codecs work on arrays.
 */
public final class DevicePage {
    private DevicePage() {}

    static byte[] read(BlockDevice device, long sector, int lengthBytes) throws DeviceException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(lengthBytes, Sectors.BLOCK_BYTES);
            device.read(Sectors.toBytes(sector), page);
            return page.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    public static void write(BlockDevice device, long sector, byte[] bytes, int lengthBytes) throws DeviceException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(lengthBytes, Sectors.BLOCK_BYTES);
            MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, 0, lengthBytes);
            device.write(Sectors.toBytes(sector), page);
        }
    }
}
