package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rescued images with holes of whole sectors, at different places on every member, which hold junk there: a sector of
 * the volume is right if its member has it or the others can solve it, and an error otherwise. Nothing is written.
 */
class HoledArrayTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private static final int MEMBER_SECTORS = 64;
    private static final AssembleOptions READ_ONLY = AssembleOptions.defaults().withReadOnly(true);

    private final Random random = new Random(8);
    private ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 0, Superblock.IN_SYNC, false);
    private byte[] content = new byte[0];
    private final boolean[][] holes = new boolean[6][MEMBER_SECTORS];

    private List<BlockDevice> rescued(ParityLayout layout, int disks, double share) throws IOException {
        shape = new ArrayShape(layout, disks, 16, 4, 0, Superblock.IN_SYNC, false);
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(made);
        Rebuilds.write(array, content, 0, content.length, new Random(41));
        array.close();
        List<BlockDevice> images = new ArrayList<>();
        for (CrashDisk disk : Rebuilds.reopened(made)) {
            List<Range> ranges = new ArrayList<>();
            byte[] junk = new byte[Sectors.BYTES];
            for (int sector = 0; sector < MEMBER_SECTORS; sector++) {
                holes[images.size()][sector] = random.nextDouble() < share;
                if (holes[images.size()][sector]) {
                    long at = Sectors.toBytes(DATA_SECTOR + sector);
                    random.nextBytes(junk);
                    disk.write(at, MemorySegment.ofArray(junk));
                    ranges.add(new Range(at, at + Sectors.BYTES));
                }
            }
            images.add(new HoledDevice(disk, disk.sizeBytes(), ByteRanges.of(ranges)));
        }
        return images;
    }

    private static byte[] read(RaidArray array, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(offset, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private boolean isLost(long arraySector) {
        ArrayGeometry geometry = shape.geometry();
        int stripe = (int) geometry.stripeSectorOf(arraySector);
        int lost = 0;
        for (int slot = 0; slot < shape.disks(); slot++) {
            lost += holes[slot][stripe] ? 1 : 0;
        }
        return holes[geometry.slotOf(arraySector)][stripe]
                && lost > geometry.layout().parityCount();
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everySectorIsRightOrAnError(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 6 : 4;
        RaidArray array = ArrayShape.open(rescued(layout, disks, 0.15), null, READ_ONLY);
        long lost = 0;
        for (int at = 0; at < content.length; at += Sectors.BYTES) {
            int from = at;
            if (isLost(at / Sectors.BYTES)) {
                lost += Sectors.BYTES;
                assertThrows(IOException.class, () -> read(array, from, Sectors.BYTES), layout + " at " + at);
            } else {
                byte[] expected = Arrays.copyOfRange(content, at, at + Sectors.BYTES);
                assertArrayEquals(expected, read(array, at, Sectors.BYTES), layout + " at " + at);
            }
        }
        assertTrue(lost > 0, "no sector is beyond redundancy");
        String said = String.join("\n", array.startMessages());
        assertTrue(said.contains("can't be solved: reads of them fail"), said);
        array.close();
    }

    @Test
    void aHoleOutsideOfTheDataCostsNothingAndIsCalledThat() throws IOException {
        List<BlockDevice> images = new ArrayList<>(rescued(ParityLayout.LEFT_SYMMETRIC_5, 4, 0));
        for (int number = 0; number < 2; number++) {
            BlockDevice image = images.get(number);
            long before = Sectors.toBytes(DATA_SECTOR);
            images.set(number, new HoledDevice(image, image.sizeBytes(), ByteRanges.of(before - 512, before)));
        }
        RaidArray array = ArrayShape.open(images, null, READ_ONLY);
        assertArrayEquals(content, read(array, 0, content.length));
        String said = String.join("\n", array.startMessages());
        assertTrue(said.contains("512 bytes that were not read lie outside of the array's data: nothing of its"), said);
        assertTrue(!said.contains("solved") && !said.contains("listed as bad"), said);
        array.close();
    }

    /** With --force what can't be solved is an error too: there is nothing in a hole that could be read instead. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noOptionReadsAHole(boolean force) throws IOException {
        AssembleOptions options = force ? READ_ONLY.withForce(true) : READ_ONLY.withIgnoreBadBlockLists(true);
        RaidArray array = ArrayShape.open(rescued(ParityLayout.LEFT_SYMMETRIC_5, 4, 0.3), null, options);
        for (int at = 0; at < content.length; at += Sectors.BYTES) {
            int from = at;
            if (isLost(at / Sectors.BYTES)) {
                assertThrows(IOException.class, () -> read(array, from, Sectors.BYTES));
            }
        }
        String said = String.join("\n", array.startMessages());
        assertTrue(!said.contains("return what the device contains"), said);
        array.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = ParityLayout.class,
            names = {"LEFT_SYMMETRIC_5", "LEFT_SYMMETRIC_6"})
    void aCheckComparesNoHole(ParityLayout layout) throws Exception {
        int disks = layout.level() == 6 ? 6 : 4;
        RaidArray array = ArrayShape.open(rescued(layout, disks, 0.02), null, READ_ONLY);
        array.setAttribute("sync_action", "check");
        Map<String, String> attributes = array.attributes();
        for (int tries = 0;
                tries < 500 && !attributes.getOrDefault("sync_action", "").equals("idle");
                tries++) {
            Thread.sleep(10);
            attributes = array.attributes();
        }
        assertEquals("0", attributes.get("mismatch_cnt"), attributes.toString());
        array.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void suchAnArrayIsNotOpenedForWriting(boolean force) throws IOException {
        List<BlockDevice> devices = rescued(ParityLayout.LEFT_SYMMETRIC_5, 4, 0.1);
        AssembleOptions options = AssembleOptions.defaults().withForce(force);
        ArrayRefusedException e =
                assertThrows(ArrayRefusedException.class, () -> ArrayShape.open(devices, null, options));
        assertTrue(String.valueOf(e.getMessage()).contains("were not read"), e.getMessage());
    }
}
