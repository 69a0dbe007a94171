package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads and writes of arrays whose members list blocks as bad; the content of these blocks is random. */
class BadBlockArrayTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private static final AssembleOptions READ_ONLY =
            AssembleOptions.defaults().withReadOnly(true).withRun(true);
    private final Random random = new Random(23);

    /** Reads, all kinds of writes and self-healing: the content of a listed block is never returned. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void listedBlocksAreNeverTakenForData(ParityLayout layout) throws IOException {
        for (int disks = layout.level() == 6 ? 4 : 3; disks <= 6; disks++) {
            for (int first = 0; first <= disks; first++) {
                ArrayShape shape = ArrayWithLogs.shape(layout, disks, 4, first % 2 == 0 ? 0 : 48);
                String words = shape + ", from " + first;
                ArrayWithLogs made = new ArrayWithLogs(shape, random);
                made.listMany(first);
                long listed = made.listed();
                assertTrue(listed > 0, words);
                if (first % 3 != 0) {
                    RaidArray looked = ArrayShape.open(Rebuilds.reopened(made.disks), null, READ_ONLY);
                    Rebuilds.assertReads(looked, made.content, words);
                    looked.close();
                    assertEquals(listed, made.listed(), words);
                }
                RaidArray array = made.open();
                if (first % 3 == 0) {
                    Rebuilds.assertReads(array, made.content, words);
                }
                Rebuilds.writeSome(shape, array, made.content, random);
                Rebuilds.writeSome(shape, array, made.content, random);
                if (first % 2 == 0) {
                    // Blocks that are not healed by now must stay listed for the next opening.
                    array.flush();
                    made.reopen();
                    array.close();
                    array = made.open();
                }
                Rebuilds.assertReads(array, made.content, words);
                Rebuilds.rewrite(array, made.content);
                array.close();
                made.reopen();
                assertEquals(-1, shape.wrongParity(made.disks), words);
                assertEquals(0, made.listed(), words);
            }
        }
    }

    /**
     * Two listed blocks of a stripe on RAID-5, three on RAID-6: reads of these blocks fail, and so do writes that need
     * them.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void ifParityCantReplaceThemNoWrongContentIsReturned(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 6 : 5;
        ArrayShape shape = ArrayWithLogs.shape(layout, disks, 3, 0);
        ArrayGeometry geometry = shape.geometry();
        int block = Sectors.BLOCK_BYTES;
        for (int first = 0; first < disks; first++) {
            ArrayWithLogs made = new ArrayWithLogs(shape, random);
            List<Integer> lost = new ArrayList<>();
            for (int k = 0; k <= layout.parityCount(); k++) {
                lost.add((first + k) % disks);
                ListedBlocks.list(made.disks.get(lost.get(k)), 24);
            }
            RaidArray array = made.open();
            byte[] before = made.content.clone();
            for (int at = 0; at < before.length; at += block) {
                boolean gone = isLost(geometry, at, lost);
                int from = at;
                if (gone) {
                    assertThrows(IOException.class, () -> ArrayWithLogs.read(array, from, block));
                    assertThrows(IOException.class, () -> ArrayWithLogs.read(array, from + 700, 10));
                } else {
                    assertArrayEquals(Arrays.copyOfRange(before, at, at + block), ArrayWithLogs.read(array, at, block));
                }
            }
            int row = (int) Sectors.toBytes(geometry.rowSectors());
            for (int index = 0; index < geometry.dataDisks(); index++) {
                int at = row + index * geometry.chunkBytes() + block;
                byte[] mine = made.content.clone();
                try {
                    Rebuilds.write(array, mine, at, block, random);
                    System.arraycopy(mine, 0, made.content, 0, mine.length);
                } catch (IOException e) {
                    // Refused, because the parity can't be computed: nothing has changed then.
                    assertTrue(String.valueOf(e.getMessage()).contains("is lost"), e::getMessage);
                }
            }
            for (int at = 0; at < before.length; at += block) {
                int from = at;
                try {
                    assertArrayEquals(
                            Arrays.copyOfRange(made.content, at, at + block), ArrayWithLogs.read(array, at, block));
                } catch (IOException e) {
                    assertTrue(isLost(geometry, from, lost), () -> shape + " lost block at " + from);
                }
            }
            // After a write of the complete stripe all its blocks can be read again.
            Rebuilds.write(array, made.content, row, row, random);
            Rebuilds.assertReads(array, made.content, shape + ", from " + first);
            array.close();
            made.reopen();
            assertEquals(0, made.listed());
            assertEquals(-1, shape.wrongParity(made.disks));
        }
    }

    private static boolean isLost(ArrayGeometry geometry, long volumeOffset, List<Integer> lost) {
        long sector = volumeOffset / Sectors.BYTES;
        return geometry.stripeSectorOf(sector) == 24 && lost.contains(geometry.slotOf(sector));
    }

    /**
     * If the drive can't rewrite a block, the block is listed before the read that found it returns, and the member
     * stays.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aBlockThatCantBeWrittenBackIsRecorded(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        for (int slot = 0; slot < disks; slot++) {
            ArrayShape shape = ArrayWithLogs.shape(layout, disks, 3, slot % 2 == 0 ? 0 : 48);
            ArrayWithLogs made = new ArrayWithLogs(shape, random);
            FaultPlan plan = new FaultPlan(1);
            List<BlockDevice> devices = FaultyDevice.among(made.disks, slot, plan);
            RaidArray array = shape.open(devices);
            long sector = 16L * (slot % 3) + 8;
            plan.badSectors(Sectors.toBytes(DATA_SECTOR + sector), 512);
            plan.failNth(Verb.WRITE, plan.calls(Verb.WRITE) + 1);
            ListedBlocks.scramble(made.disks.get(slot), DATA_SECTOR + sector);
            if (shape.geometry().dataIndex(slot % 3, slot) < 0) {
                array.setAttribute("sync_action", "check");
            }
            Rebuilds.assertReads(array, made.content, shape + ", slot " + slot);
            assertEquals("0", array.attributes().get("degraded"));
            assertEquals(List.of(new BadRange(sector, 8)), ListedBlocks.on(made.disks.get(slot)));
            assertEquals((DATA_SECTOR + sector) + " 8", array.attributes().get("rd" + slot + "_bad_blocks"));
            int writes = plan.calls(Verb.WRITE);
            Rebuilds.assertReads(array, made.content, shape + ", slot " + slot);
            assertEquals(writes, plan.calls(Verb.WRITE), "tried again");
            array.close();
            made.reopen();
            array = made.open();
            Rebuilds.assertReads(array, made.content, shape + ", slot " + slot);
            Rebuilds.rewrite(array, made.content);
            assertEquals("", array.attributes().get("rd" + slot + "_bad_blocks"));
            array.close();
        }
    }

    /** If the write of a request fails, the member becomes faulty, with a bad-block log or without. */
    @Test
    void aFailedWriteFailsTheMember() throws IOException {
        ArrayShape shape = ArrayWithLogs.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 3, 0);
        ArrayWithLogs made = new ArrayWithLogs(shape, random);
        FaultPlan plan = new FaultPlan(1);
        List<BlockDevice> devices = FaultyDevice.among(made.disks, 1, plan);
        RaidArray array = shape.open(devices);
        Rebuilds.write(array, made.content, 0, 4096, random);
        plan.dieAfter(0);
        Rebuilds.rewrite(array, made.content);
        assertEquals("1", array.attributes().get("degraded"));
        Rebuilds.assertReads(array, made.content, "degraded");
        array.close();
    }

    /** A list that can't be valid is refused when the array is opened; the message names the device. */
    @Test
    void aListThatCantBeParsedIsRefusedWithTheDeviceName() throws IOException {
        ArrayWithLogs made = new ArrayWithLogs(ArrayWithLogs.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 3, 0), random);
        ListedBlocks.list(made.disks.get(2), 8);
        byte[] log = {8, (byte) 0xf8, -1, -1, -1, -1, -1, -1};
        made.disks.get(2).write(16 * 512, MemorySegment.ofArray(log));
        made.disks.get(2).flush();
        IOException e = assertThrows(IOException.class, made::open);
        assertTrue(String.valueOf(e.getMessage()).startsWith("disk2: the list of its bad blocks"), e::getMessage);
        assertFalse(made.disks.isEmpty());
    }
}
