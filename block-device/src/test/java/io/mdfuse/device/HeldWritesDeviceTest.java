package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Writes that a host without space refuses are held, can be read, and are written once there is space. */
class HeldWritesDeviceTest {
    private static final int SIZE_BYTES = 1 << 20;

    private final CrashDisk disk = new CrashDisk("disk", SIZE_BYTES);
    private final FullHost host = new FullHost(false);
    private final HeldWritesDevice device = new HeldWritesDevice(new FullHostDevice(disk, host, 0));

    @Test
    void heldWritesCanBeReadAndEveryFlushFails() throws DeviceException {
        write(0, 8192, 1);
        device.flush();
        host.fillAtCall(0);
        write(4096, 8192, 2);
        byte[] wanted = new byte[16384];
        Arrays.fill(wanted, 0, 4096, (byte) 1);
        Arrays.fill(wanted, 4096, 12288, (byte) 2);
        assertArrayEquals(wanted, read(0, 16384));
        assertThrows(NoSpaceException.class, device::flush);
        assertThrows(NoSpaceException.class, () -> device.reserve(65536, 4096), "a reserve while a write is held");
        host.makeSpace();
        device.flush();
        assertArrayEquals(wanted, read(0, 16384));
        assertArrayEquals(wanted, Arrays.copyOf(bytesOf(disk), 16384));
    }

    @Test
    void ofOverlappingWritesTheNewestIsReadWhicheverIsHeld() throws DeviceException {
        Random random = new Random(5);
        byte[] model = new byte[SIZE_BYTES];
        for (int step = 0; step < 2000; step++) {
            if (random.nextInt(20) == 0) {
                host.fillAtCall(0);
            } else if (random.nextInt(20) == 0) {
                host.makeSpace();
            }
            int offset = random.nextInt(64) * 512;
            int length = (1 + random.nextInt(16)) * 512;
            byte value = (byte) random.nextInt();
            write(offset, length, value);
            Arrays.fill(model, offset, offset + length, value);
            assertArrayEquals(Arrays.copyOf(model, 65536), read(0, 65536), "step " + step);
        }
        host.makeSpace();
        device.flush();
        assertArrayEquals(model, bytesOf(disk));
    }

    /** A request that needs no new blocks succeeds on a full host as well, and does not mean that there is space. */
    @Test
    void spaceIsReportedOnlyWhenTheRefusedRequestSucceeds() throws DeviceException {
        FullHost reserving = new FullHost(true);
        HeldWritesDevice full = new HeldWritesDevice(new FullHostDevice(disk, reserving, 8192));
        List<Boolean> told = new ArrayList<>();
        full.onHostSpaceChange((lacking, text) -> told.add(lacking));
        assertEquals(Optional.empty(), full.outOfSpaceSince());
        reserving.fillAtCall(0);
        for (int again = 0; again < 3; again++) {
            assertThrows(NoSpaceException.class, () -> full.reserve(65536, 4096));
            full.reserve(0, 4096);
            full.write(4096, MemorySegment.ofArray(new byte[4096]));
            full.flush();
        }
        assertEquals(List.of(true), told);
        assertTrue(full.outOfSpaceSince().isPresent());
        reserving.makeSpace();
        full.reserve(0, 4096);
        assertEquals(List.of(true, false), told);
        assertEquals(Optional.empty(), full.outOfSpaceSince());
    }

    @Test
    void spaceIsReportedWhenTheHeldWriteSucceeds() throws DeviceException {
        List<Boolean> told = new ArrayList<>();
        device.onHostSpaceChange((lacking, text) -> told.add(lacking));
        write(0, 4096, 1);
        host.fillAtCall(0);
        write(8192, 4096, 2);
        assertThrows(NoSpaceException.class, device::flush);
        assertEquals(List.of(true), told);
        host.makeSpace();
        device.flush();
        assertEquals(List.of(true, false), told);
    }

    @Test
    void noMoreThanTheMaximumIsHeld() throws DeviceException {
        CrashDisk large = new CrashDisk("large", HeldWritesDevice.MAX_HELD_BYTES * 2);
        HeldWritesDevice holding = new HeldWritesDevice(new FullHostDevice(large, host, 0));
        host.fillAtCall(0);
        MemorySegment mebibyte = MemorySegment.ofArray(new byte[SIZE_BYTES]);
        long held = 0;
        NoSpaceException refused = null;
        while (refused == null) {
            try {
                holding.write(held, mebibyte);
                held += SIZE_BYTES;
            } catch (NoSpaceException e) {
                refused = e;
            }
        }
        assertEquals(HeldWritesDevice.MAX_HELD_BYTES, held);
    }

    private void write(long offsetBytes, int lengthBytes, int value) throws DeviceException {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) value);
        device.write(offsetBytes, MemorySegment.ofArray(bytes));
    }

    private byte[] read(long offsetBytes, int lengthBytes) throws DeviceException {
        MemorySegment target = MemorySegment.ofArray(new byte[lengthBytes]);
        device.read(offsetBytes, target);
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] bytesOf(CrashDisk disk) throws DeviceException {
        MemorySegment all = MemorySegment.ofArray(new byte[SIZE_BYTES]);
        disk.read(0, all);
        return all.toArray(ValueLayout.JAVA_BYTE);
    }
}
