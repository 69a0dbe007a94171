package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogAreaTest {
    private static final int BLOCKS = 7;

    @Test
    void distanceIsTheInverseOfAddAroundTheRing() {
        LogArea area = TestLog.plain(BLOCKS).area;
        for (int from = 0; from < BLOCKS; from++) {
            for (int step = 0; step < BLOCKS; step++) {
                int to = (from + step) % BLOCKS;
                assertEquals(to * 8L, area.add(from * 8L, step * 8L));
                assertEquals(step * 8L, area.distance(from * 8L, to * 8L));
            }
            assertEquals(from * 8L, area.add(from * 8L, BLOCKS * 8L));
        }
    }

    @Test
    void aTransferAcrossTheEndOfTheRingTouchesNothingElse() throws DeviceException {
        for (int start = 0; start < BLOCKS; start++) {
            for (int count = 1; count <= BLOCKS; count++) {
                TestLog log = TestLog.plain(BLOCKS);
                byte[] before = new byte[(int) log.disk.sizeBytes()];
                Arrays.fill(before, (byte) 99);
                log.disk.write(0, MemorySegment.ofArray(before));
                byte[] blocks = new byte[count * 4096];
                for (int i = 0; i < blocks.length; i++) {
                    blocks[i] = (byte) (1 + i / 4096);
                }

                log.area.write(start * 8L, MemorySegment.ofArray(blocks));

                byte[] expected = before.clone();
                for (int i = 0; i < count; i++) {
                    int at = (int) TestLog.START_BYTES + (start + i) % BLOCKS * 4096;
                    Arrays.fill(expected, at, at + 4096, (byte) (1 + i));
                }
                byte[] after = new byte[before.length];
                log.disk.read(0, MemorySegment.ofArray(after));
                assertArrayEquals(expected, after);
                byte[] back = new byte[blocks.length];
                log.area.readBlocks(start * 8L, MemorySegment.ofArray(back));
                assertArrayEquals(blocks, back);
            }
        }
    }

    @Test
    void aTrimAcrossTheEndOfTheRingTouchesNothingElse() throws DeviceException {
        for (int start = 0; start < BLOCKS; start++) {
            for (int count = 1; count <= BLOCKS; count++) {
                TestLog log = TestLog.plain(BLOCKS);
                byte[] expected = new byte[(int) log.disk.sizeBytes()];
                Arrays.fill(expected, (byte) 99);
                log.disk.write(0, MemorySegment.ofArray(expected));

                log.area.trim(start * 8L, count * 8L);

                for (int i = 0; i < count; i++) {
                    int at = (int) TestLog.START_BYTES + (start + i) % BLOCKS * 4096;
                    Arrays.fill(expected, at, at + 4096, (byte) 0);
                }
                byte[] after = new byte[expected.length];
                log.disk.read(0, MemorySegment.ofArray(after));
                assertArrayEquals(expected, after);
            }
        }
    }

    @Test
    void blocksBeginAtMultiplesOfEightWithinTheRing() {
        LogArea area = TestLog.plain(BLOCKS).area;

        assertTrue(area.isBlockSector(0));
        assertTrue(area.isBlockSector((BLOCKS - 1) * 8L));
        assertFalse(area.isBlockSector(BLOCKS * 8L));
        assertFalse(area.isBlockSector(4));
        assertFalse(area.isBlockSector(-8));
        MemorySegment page = MemorySegment.ofArray(new byte[4096]);
        assertThrows(IndexOutOfBoundsException.class, () -> area.readBlocks(BLOCKS * 8L, page));
        MemorySegment tooMuch = MemorySegment.ofArray(new byte[(BLOCKS + 1) * 4096]);
        assertThrows(IndexOutOfBoundsException.class, () -> area.readBlocks(0, tooMuch));
    }

    @Test
    void aRingBeyondTheDeviceOrOfNoWholeBlocksIsRefused() {
        CrashDisk disk = new CrashDisk("journal.img", 100 * 4096);

        assertEquals(800, new LogArea(disk, 0, 800).sizeSectors());
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, 0, 808));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, 512, 800));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, 0, 796));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, 0, 32));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, -512, 80));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, 512, Long.MAX_VALUE - 7));
        assertThrows(IllegalArgumentException.class, () -> new LogArea(disk, Long.MAX_VALUE, 80));
    }
}
