package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What was not read is unreadable to the byte, is never written, and is known as such through a partition. */
final class HoledDeviceTest {
    private static final int DISK_BYTES = 1 << 20;

    private final CrashDisk image = new CrashDisk("image", DISK_BYTES - 8192);
    private final BlockDevice holed = new HoledDevice(image, DISK_BYTES, ByteRanges.of(10_000, 10_512));

    private static String failure(BlockDevice device, long offsetBytes, int lengthBytes) {
        MemorySegment target = MemorySegment.ofArray(new byte[lengthBytes]);
        return String.valueOf(assertThrows(DeviceException.class, () -> device.read(offsetBytes, target))
                .getMessage());
    }

    @Test
    void exactlyTheHolesCantBeRead() throws DeviceException {
        holed.read(0, MemorySegment.ofArray(new byte[10_000]));
        holed.read(10_512, MemorySegment.ofArray(new byte[DISK_BYTES - 8192 - 10_512]));
        assertTrue(failure(holed, 9_999, 2).contains("1 bytes at 10000 were not read"));
        assertTrue(failure(holed, 10_511, 1).contains("1 bytes at 10511 were not read"));
        assertTrue(failure(holed, DISK_BYTES - 8193, 2).contains("the image ends at byte " + (DISK_BYTES - 8192)));
        MemorySegment two = MemorySegment.ofArray(new byte[2]);
        assertThrows(IndexOutOfBoundsException.class, () -> holed.read(DISK_BYTES - 1, two));
    }

    @Test
    void nothingIsWritten() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[512]);
        assertThrows(DeviceException.class, () -> holed.write(0, bytes));
        assertThrows(DeviceException.class, () -> holed.trim(0, 4096));
        assertThrows(DeviceException.class, () -> holed.reserve(0, 4096));
    }

    @Test
    void aPartKnowsItsShareOfTheHoles() throws DeviceException {
        BlockDevice part = new PartDevice(holed, "image@1", 10_100, 20_000);
        assertEquals(ByteRanges.of(0, 412), part.unreadable());
        assertEquals("image@1", part.name());
        failure(part, 411, 10);
        part.read(412, MemorySegment.ofArray(new byte[10]));
        image.write(10_512, MemorySegment.ofArray(new byte[] {7}));
        byte[] read = new byte[1];
        part.read(412, MemorySegment.ofArray(read));
        assertEquals(7, read[0]);
        assertThrows(IndexOutOfBoundsException.class, () -> part.read(19_999, MemorySegment.ofArray(new byte[2])));
    }

    @Test
    void aSharedDeviceIsClosedWithItsLastUser() throws DeviceException {
        int[] closed = new int[1];
        SharedDevice shared = new SharedDevice(new ForwardingDevice(image) {
            @Override
            public void close() {
                closed[0]++;
            }
        });
        BlockDevice one = shared.handle();
        BlockDevice other = shared.handle();
        one.close();
        one.close();
        assertEquals(0, closed[0]);
        other.close();
        assertEquals(1, closed[0]);
    }
}
