package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members that are shorter than their superblocks say: served if nothing that the array uses is missing, otherwise only
 * read-only.
 */
class ShortDeviceTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private static final AssembleOptions READ_ONLY = AssembleOptions.defaults().withReadOnly(true);

    private ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 0, Superblock.IN_SYNC, false);
    private byte[] content = new byte[0];

    /** A device that is cut off after its first bytes. */
    private static final class Beginning extends ForwardingDevice {
        private final long lengthBytes;

        Beginning(BlockDevice device, long lengthBytes) {
            super(device);
            this.lengthBytes = lengthBytes;
        }

        @Override
        public long sizeBytes() {
            return lengthBytes;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws DeviceException {
            Objects.checkFromIndexSize(offsetBytes, target.byteSize(), lengthBytes);
            super.read(offsetBytes, target);
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) throws DeviceException {
            Objects.checkFromIndexSize(offsetBytes, source.byteSize(), lengthBytes);
            super.write(offsetBytes, source);
        }
    }

    private List<BlockDevice> made(ParityLayout layout, int disks) throws IOException {
        shape = new ArrayShape(layout, disks, 16, 4, 0, Superblock.IN_SYNC, false);
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(made);
        Rebuilds.write(array, content, 0, content.length, new Random(41));
        array.close();
        return new ArrayList<>(Rebuilds.reopened(made));
    }

    /** Cuts a member off so many sectors after the start of its data. */
    private static void cut(List<BlockDevice> devices, int slot, long dataSectors) {
        devices.set(slot, new Beginning(devices.get(slot), Sectors.toBytes(DATA_SECTOR + dataSectors)));
    }

    private static RaidArray open(List<BlockDevice> devices, AssembleOptions options) throws IOException {
        return ArrayShape.open(devices, null, options);
    }

    private static String said(RaidArray array) {
        return String.join("\n", array.startMessages());
    }

    private static byte[] read(RaidArray array, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(offset, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The array does not use the missing sectors, and the superblock is corrected. */
    @Test
    void aMemberThatLacksOnlyUnusedSectorsIsServed() throws IOException {
        List<BlockDevice> devices = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        Superblocks.edit(
                (CrashDisk) devices.get(1),
                editor -> editor.data(DATA_SECTOR, shape.geometry().memberSectors() + 5000));
        cut(devices, 1, shape.geometry().memberSectors() + 8);
        RaidArray looked = open(new ArrayList<>(devices), READ_ONLY);
        Rebuilds.assertReads(looked, content, "read-only");
        assertTrue(said(looked).contains("and all of them are there"), said(looked));
        RaidArray array = open(devices, AssembleOptions.defaults());
        Rebuilds.rewrite(array, content);
        Rebuilds.assertReads(array, content, "read-write");
        array.flush();
        assertEquals(
                shape.geometry().memberSectors() + 8,
                MemberLocator.require(devices.get(1)).superblock().dataSizeSectors());
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aMemberThatIsCutShortIsReadAroundAndNeverWritten(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        for (long left : new long[] {-8, 0, 3, 24, 40, 63}) {
            List<BlockDevice> devices = made(layout, disks);
            cut(devices, 1, left);
            IOException e = assertThrows(
                    ArrayRefusedException.class, () -> open(new ArrayList<>(devices), AssembleOptions.defaults()));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.contains("has " + Sectors.toBytes(DATA_SECTOR + left) + " bytes"), message);
            assertTrue(message.contains("the first " + Sectors.toBytes(DATA_SECTOR + 64)), message);
            assertTrue(message.contains("--read-only"), message);
            RaidArray array = open(devices, READ_ONLY);
            Rebuilds.assertReads(array, content, layout + ", " + left + " sectors left");
            assertTrue(said(array).contains("is cut short"), said(array));
            assertEquals("0", array.attributes().get("rd1_errors_corrected"));
            array.close();
        }
    }

    /**
     * More members are cut short than parity can replace: their remaining content is read, and only blocks that too
     * many of them lack give errors.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void ifParityCantReplaceThemOnlyLostBlocksGiveErrors(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 6 : 4;
        List<BlockDevice> devices = made(layout, disks);
        List<Integer> slots = new ArrayList<>();
        long firstLost = Long.MAX_VALUE;
        for (int k = 0; k <= layout.parityCount(); k++) {
            slots.add(k);
            cut(devices, k, 32 + 8L * k);
        }
        long endsLast = 32 + 8L * layout.parityCount();
        RaidArray array = open(devices, READ_ONLY);
        ArrayGeometry geometry = shape.geometry();
        for (int at = 0; at < content.length; at += Sectors.BLOCK_BYTES) {
            long sector = at / Sectors.BYTES;
            boolean gone = geometry.stripeSectorOf(sector) >= endsLast && slots.contains(geometry.slotOf(sector));
            int from = at;
            if (gone) {
                firstLost = Math.min(firstLost, at);
                assertThrows(IOException.class, () -> read(array, from, Sectors.BLOCK_BYTES));
            } else {
                byte[] expected = Arrays.copyOfRange(content, at, at + Sectors.BLOCK_BYTES);
                assertArrayEquals(expected, read(array, at, Sectors.BLOCK_BYTES), layout + " at " + at);
            }
        }
        assertTrue(said(array).contains(" bytes at " + firstLost), said(array));
        assertFalse(said(array).contains("their content is solved"), said(array));
        array.close();
    }
}
