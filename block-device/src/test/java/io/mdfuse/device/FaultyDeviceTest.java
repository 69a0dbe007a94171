package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.FaultPlan.Verb;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultyDeviceTest extends BlockDeviceContract {
    @Override
    protected BlockDevice create() {
        return new FaultyDevice(new CrashDisk("disk", SIZE_BYTES), new FaultPlan(1));
    }

    private final CrashDisk disk = new CrashDisk("disk", SIZE_BYTES);
    private final FaultPlan plan = new FaultPlan(1);
    private final FaultyDevice faulty = new FaultyDevice(disk, plan);

    private static MemorySegment block(int mark) {
        byte[] bytes = new byte[Sectors.BLOCK_BYTES];
        Arrays.fill(bytes, (byte) mark);
        return MemorySegment.ofArray(bytes);
    }

    @Test
    void onlyTheNthCallOfAVerbFails() throws Exception {
        plan.failNth(Verb.WRITE, 2).failNth(Verb.FLUSH, 1).failNth(Verb.TRIM, 1).failNth(Verb.READ, 3);
        faulty.write(0, block(1));
        DeviceException failed = assertThrows(DeviceException.class, () -> faulty.write(4096, block(2)));
        assertEquals(
                "disk: write of 4096 bytes at offset 4096 failed: the plan fails WRITE number 2", failed.getMessage());
        faulty.write(8192, block(3));
        assertThrows(DeviceException.class, faulty::flush);
        assertEquals(
                3, disk.pendingCount(), "a failed flush flushes nothing; a part of the failed write is on the disk");
        faulty.flush();
        assertEquals(0, disk.pendingCount());
        assertThrows(DeviceException.class, () -> faulty.trim(0, 4096));
        assertTrue(faulty.trim(0, 4096));
        faulty.read(0, block(9));
        faulty.read(0, block(9));
        MemorySegment target = block(9);
        assertThrows(DeviceException.class, () -> faulty.read(0, target));
        assertEquals(-1, target.mismatch(block(FaultyDevice.NOBODYS_DATA)));
        assertEquals(4, plan.failures());
        assertEquals(3, plan.calls(Verb.READ));
    }

    @Test
    void aFailedWriteWritesWholeSectorsFromItsStart() throws Exception {
        boolean part = false;
        for (int i = 1; i <= 40; i++) {
            plan.failNth(Verb.WRITE, i);
            long offsetBytes = i * 4096L;
            assertThrows(DeviceException.class, () -> faulty.write(offsetBytes, block(7)));
            MemorySegment found = block(0);
            disk.read(offsetBytes, found);
            long kept = found.mismatch(block(7));
            assertEquals(0, kept == -1 ? 0 : kept % 512);
            part |= kept > 0;
        }
        assertTrue(part, "no failed write wrote a part of its sectors");
    }

    @Test
    void aBadSectorFailsReadsThatTouchItUntilItIsWritten() throws Exception {
        plan.badSectors(4096 + 512, 512);
        faulty.read(0, block(0));
        faulty.read(4096, block(0).asSlice(0, 512));
        faulty.read(4096 + 1024, block(0).asSlice(0, 512));
        assertThrows(DeviceException.class, () -> faulty.read(4096, block(0)));
        assertThrows(DeviceException.class, () -> faulty.read(4096 + 1023, block(0).asSlice(0, 1)));
        faulty.write(4096 + 512, block(5).asSlice(0, 511));
        assertThrows(
                DeviceException.class,
                () -> faulty.read(4096, block(0)),
                "writing a part of a sector does not replace it");
        faulty.write(4096, block(6));
        MemorySegment target = block(0);
        faulty.read(4096, target);
        assertEquals(-1, target.mismatch(block(6)));
    }

    @Test
    void aDeadDeviceFailsEveryCallAndWritesNothing() throws Exception {
        plan.dieAfter(2);
        faulty.write(0, block(1));
        faulty.flush();
        byte[] before = disk.image().toBytes();
        for (int i = 0; i < 20; i++) {
            assertThrows(DeviceException.class, () -> faulty.write(0, block(2)));
        }
        assertThrows(DeviceException.class, () -> faulty.read(0, block(0)));
        assertThrows(DeviceException.class, faulty::flush);
        assertThrows(DeviceException.class, () -> faulty.trim(0, 4096));
        assertArrayEquals(before, disk.image().toBytes());
    }

    @Test
    void randomFaultsAreTheSameForTheSameSeed() {
        List<Boolean> once = outcomes(5);
        assertEquals(once, outcomes(5));
        assertTrue(once.contains(true) && once.contains(false));
        assertTrue(!once.equals(outcomes(6)));
    }

    private static List<Boolean> outcomes(long seed) {
        FaultPlan chance = new FaultPlan(seed).failAtRandom(Verb.READ, 0.3);
        List<Boolean> outcomes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            outcomes.add(chance.nextFault(Verb.READ, 0, 512) == null);
        }
        return outcomes;
    }
}
