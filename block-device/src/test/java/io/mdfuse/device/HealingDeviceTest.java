package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A hole can be read once its content is durable and on record, and not before; nothing else is ever written. */
final class HealingDeviceTest {
    private static final int SIZE = 64 * 1024;
    private static final ByteRanges HOLES =
            ByteRanges.of(List.of(new ByteRanges.Range(4096, 12_288), new ByteRanges.Range(20_480, 24_576)));

    private final CrashTrace trace = CrashTrace.recording();
    private final CrashDisk image = new CrashDisk("image", SIZE, trace);
    private final List<ByteRanges> records = new ArrayList<>();
    private final HealingDevice healing = new HealingDevice(image, HOLES, records::add);

    private static MemorySegment filled(int bytes, int value) {
        return MemorySegment.ofArray(new byte[bytes]).fill((byte) value);
    }

    @Test
    void onlyHolesAreWritten() throws DeviceException {
        assertThrows(DeviceException.class, () -> healing.write(0, filled(512, 1)));
        assertThrows(DeviceException.class, () -> healing.write(4095, filled(2, 1)));
        assertThrows(DeviceException.class, () -> healing.write(12_287, filled(2, 1)));
        assertEquals(0, trace.length());
        healing.write(8192, filled(4096, 1));
        healing.flush();
        assertThrows(DeviceException.class, () -> healing.write(8192, filled(512, 2)), "what is healed is not a hole");
        assertEquals(List.of(HOLES.without(8192, 4096)), records);
    }

    @Test
    void aHoleStaysOneUntilItIsOnRecord() throws DeviceException {
        healing.write(4096, filled(8192, 7));
        assertThrows(DeviceException.class, () -> healing.read(4096, filled(1, 0)));
        assertEquals(HOLES, healing.unreadable());
        healing.flush();
        MemorySegment read = filled(8192, 0);
        healing.read(4096, read);
        assertEquals(-1, read.mismatch(filled(8192, 7)));
        assertThrows(DeviceException.class, () -> healing.read(20_480, filled(1, 0)));
        healing.flush();
        assertEquals(1, records.size(), "a flush without a write changes no record");
    }

    @Test
    void withoutARecordNothingIsHealed() throws DeviceException {
        HealingDevice failing = new HealingDevice(image, HOLES, left -> {
            throw new DeviceException("map", "write", 0, 0, "no space left on device");
        });
        failing.write(4096, filled(512, 7));
        assertThrows(DeviceException.class, failing::flush);
        assertEquals(HOLES, failing.unreadable());
        assertThrows(DeviceException.class, () -> failing.read(4096, filled(1, 0)));
    }

    /** The record is a disk too: its first byte says how many of the pieces below are healed. */
    @Test
    void everyCrashLeavesHolesOrDurableContent() throws DeviceException {
        CrashDisk map = new CrashDisk("map", 4096, trace);
        int[] healed = new int[1];
        HealingDevice device = new HealingDevice(image, ByteRanges.of(4096, 4096 + 6 * 4096), left -> {
            map.write(0, filled(1, healed[0]));
            map.flush();
        });
        for (int piece = 0; piece < 6; piece++) {
            device.write(4096 + 4096L * piece, filled(4096, 100 + piece));
            if (piece % 2 == 1) {
                healed[0] = piece + 1;
                device.flush();
            }
        }
        int[] most = new int[1];
        long states = new CrashStates(trace, 6, 4, 11).forEach(state -> {
            List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
            MemorySegment count = filled(1, 0);
            disks.get(1).read(0, count);
            int onRecord = count.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0);
            most[0] = Math.max(most[0], onRecord);
            for (int piece = 0; piece < onRecord; piece++) {
                MemorySegment content = filled(4096, 0);
                disks.getFirst().read(4096 + 4096L * piece, content);
                assertEquals(-1, content.mismatch(filled(4096, 100 + piece)), "piece " + piece);
            }
        });
        assertTrue(states > 50 && most[0] == 6, states + " states, " + most[0] + " healed");
    }
}
