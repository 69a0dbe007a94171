package io.mdfuse.raid.superblock.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads bytes of a device that may be too short to have them. */
final class ContentPage {
    private ContentPage() {}

    /** The bytes of the range, in little-endian order; an empty buffer if the range does not lie within the device. */
    static ByteBuffer read(BlockDevice device, long offsetBytes, int lengthBytes) throws DeviceException {
        boolean inside = offsetBytes >= 0 && offsetBytes <= device.sizeBytes() - lengthBytes;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(inside ? lengthBytes : 0);
            if (inside) {
                device.read(offsetBytes, page);
            }
            return ByteBuffer.wrap(page.toArray(ValueLayout.JAVA_BYTE)).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
