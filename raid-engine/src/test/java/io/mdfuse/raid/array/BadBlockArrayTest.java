package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arrays whose members list blocks as bad; the content of these blocks is random. */
class BadBlockArrayTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private static final AssembleOptions READ_ONLY =
            AssembleOptions.defaults().withReadOnly(true).withRun(true);

    private final Random random = new Random(23);

    /** A closed array with all members and random content, whose members have bad-block logs. */
    private final class Made {
        final ArrayShape shape;
        final byte[] content;
        List<CrashDisk> disks;

        Made(ArrayShape shape) throws IOException {
            this.shape = shape;
            this.disks = shape.create(CrashTrace.notRecording());
            this.content = new byte[(int) shape.geometry().arrayBytes()];
            ListedBlocks.giveLogs(disks.subList(0, shape.disks()), DATA_SECTOR);
            RaidArray array = shape.open(disks);
            Rebuilds.write(array, content, 0, content.length, random);
            array.close();
            disks = Rebuilds.reopened(disks);
        }

        /** Lists as many blocks of each stripe as parity can replace, in changing slots; some stripes have none. */
        void listMany(int first) throws IOException {
            for (int slot = 0; slot < shape.disks(); slot++) {
                List<Long> sectors = new ArrayList<>();
                for (long stripe = 0; stripe < shape.geometry().memberSectors() / 8; stripe++) {
                    for (int k = 0; k < shape.layout().parityCount(); k++) {
                        long chosen = (first + stripe + stripe / shape.disks() + 2L * k) % (shape.disks() + 1);
                        if (chosen == slot) {
                            sectors.add(stripe * 8);
                        }
                    }
                }
                ListedBlocks.list(
                        disks.get(slot),
                        sectors.stream().mapToLong(Long::longValue).toArray());
            }
        }

        RaidArray open() throws IOException {
            return shape.open(disks);
        }

        void reopen() {
            disks = Rebuilds.reopened(disks);
        }

        long listed() throws IOException {
            long sectors = 0;
            for (CrashDisk disk : disks.subList(0, shape.disks())) {
                sectors += ListedBlocks.on(disk).stream()
                        .mapToLong(BadRange::sectors)
                        .sum();
            }
            return sectors;
        }
    }

    private static ArrayShape shape(ParityLayout layout, int disks, int rows, int journalBlocks) {
        return new ArrayShape(layout, disks, 16, rows, journalBlocks, Superblock.IN_SYNC, false);
    }

    /** Reads, all kinds of writes and self-healing: the content of a listed block is never returned. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void listedBlocksAreNeverTakenForData(ParityLayout layout) throws IOException {
        for (int disks = layout.level() == 6 ? 4 : 3; disks <= 6; disks++) {
            for (int first = 0; first <= disks; first++) {
                ArrayShape shape = shape(layout, disks, 4, first % 2 == 0 ? 0 : 48);
                String words = shape + ", from " + first;
                Made made = new Made(shape);
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
        ArrayShape shape = shape(layout, disks, 3, 0);
        ArrayGeometry geometry = shape.geometry();
        int block = Sectors.BLOCK_BYTES;
        for (int first = 0; first < disks; first++) {
            Made made = new Made(shape);
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
                    assertThrows(IOException.class, () -> read(array, from, block));
                    assertThrows(IOException.class, () -> read(array, from + 700, 10));
                } else {
                    assertArrayEquals(Arrays.copyOfRange(before, at, at + block), read(array, at, block));
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
                    assertArrayEquals(Arrays.copyOfRange(made.content, at, at + block), read(array, at, block));
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

    private static byte[] read(RaidArray array, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(offset, target);
            return target.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
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
            ArrayShape shape = shape(layout, disks, 3, slot % 2 == 0 ? 0 : 48);
            Made made = new Made(shape);
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
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 3, 0);
        Made made = new Made(shape);
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

    /**
     * During a rebuild the blocks that too many other members list can't be solved: only these are lost, and the new
     * member lists them.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aRebuildListsWhatIsLostAndGoesOn(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        ArrayShape shape = shape(layout, disks, 4, 0);
        Made made = new Made(shape);
        int target = 1;
        for (int k = 0; k < layout.parityCount(); k++) {
            ListedBlocks.list(made.disks.get(2 + k), 8, 40);
        }
        List<CrashDisk> left = new ArrayList<>(made.disks);
        left.remove(target);
        RaidArray array = shape.open(left, true);
        CrashDisk next = Rebuilds.blank(shape, "next", CrashTrace.notRecording());
        Rebuilds.manager(array).add(next, false);
        Rebuilds.awaitWhole(array);
        List<BadRange> expected = new ArrayList<>();
        for (long sector : new long[] {8, 40}) {
            expected.add(new BadRange(sector, 8));
        }
        assertEquals(expected, ListedBlocks.on(next), shape.toString());
        array.close();
        left.add(target, next);
        made.disks = Rebuilds.reopened(left);
        array = made.open();
        List<Integer> lost = layout.parityCount() == 1 ? List.of(1, 2) : List.of(1, 2, 3);
        for (int at = 0; at < made.content.length; at += 4096) {
            long sector = at / Sectors.BYTES;
            long stripe = shape.geometry().stripeSectorOf(sector);
            boolean gone = (stripe == 8 || stripe == 40)
                    && lost.contains(shape.geometry().slotOf(sector));
            RaidArray opened = array;
            int from = at;
            if (gone) {
                assertThrows(IOException.class, () -> read(opened, from, 4096), shape + " at " + at);
            } else {
                assertArrayEquals(
                        Arrays.copyOfRange(made.content, at, at + 4096), read(array, at, 4096), shape + " at " + at);
            }
        }
        Rebuilds.rewrite(array, made.content);
        Rebuilds.assertReads(array, made.content, shape.toString());
        array.close();
        made.reopen();
        assertEquals(0, made.listed());
    }

    @Test
    void aRebuildOntoADeviceWithoutALogStops() throws IOException {
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 4, 0);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(disks);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        Rebuilds.write(array, content, 0, content.length, random);
        array.close();
        List<CrashDisk> left = Rebuilds.reopened(disks);
        ListedBlocks.giveLogs(left.subList(2, 3), DATA_SECTOR);
        ListedBlocks.list(left.get(2), 24);
        left.remove(1);
        array = shape.open(left, true);
        Rebuilds.manager(array).add(Rebuilds.blank(shape, "next", CrashTrace.notRecording()), false);
        Rebuilds.awaitSettled(array);
        assertEquals("1", array.attributes().get("degraded"));
        assertTrue(array.attributes().getOrDefault("sync_trouble", "").contains("is lost"));
        array.close();
    }

    /** The listed blocks of the replaced member are solved from the others, and the new member has their content. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aReplacementHasWhatTheOldMemberLists(ParityLayout layout) throws IOException {
        ArrayShape shape = shape(layout, layout.level() == 6 ? 5 : 4, 4, 0);
        Made made = new Made(shape);
        ListedBlocks.list(made.disks.get(1), 0, 8, 40);
        RaidArray array = made.open();
        CrashDisk next = Rebuilds.blank(shape, "next", CrashTrace.notRecording());
        Rebuilds.manager(array).replaceWithNew("disk1", next, false);
        Rebuilds.awaitWhole(array);
        Rebuilds.assertReads(array, made.content, shape.toString());
        array.close();
        made.disks.set(1, next);
        made.reopen();
        assertEquals(List.of(), ListedBlocks.on(made.disks.get(1)));
        assertEquals(-1, shape.wrongParity(made.disks));
    }

    /**
     * Parity is in doubt: a listed parity block is computed; a listed data block can only be solved from that parity.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aResyncMakesParityAroundListedBlocks(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        for (int first = 0; first <= disks; first++) {
            Made made = new Made(shape(layout, disks, 4, 0));
            made.listMany(first);
            for (CrashDisk disk : made.disks) {
                Superblocks.dirty(disk);
            }
            RaidArray array = made.open();
            assertTrue(
                    array.startMessages().stream().anyMatch(message -> message.contains("what parity says")),
                    () -> array.startMessages().toString());
            Rebuilds.awaitSettled(array);
            Rebuilds.assertReads(array, made.content, made.shape + ", from " + first);
            Rebuilds.rewrite(array, made.content);
            array.close();
            made.reopen();
            assertEquals(-1, made.shape.wrongParity(made.disks));
            assertEquals("clean", made.open().attributes().get("array_state"));
        }
    }

    /** A scrub can't know the content of a listed block, so it does not use the block for a repair. */
    @Test
    void aScrubRepairsNothingFromSolvedBlocks() throws IOException {
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 4, 0);
        Made made = new Made(shape);
        ListedBlocks.list(made.disks.get(1), 8);
        ListedBlocks.scramble(made.disks.get(2), DATA_SECTOR + 8);
        List<byte[]> before = new ArrayList<>();
        for (CrashDisk disk : made.disks) {
            before.add(memberData(shape, disk));
        }
        RaidArray array = made.open();
        array.setAttribute("sync_action", "repair");
        assertEquals("8", array.attributes().get("mismatch_cnt"));
        assertEquals("8", array.attributes().get("mismatch_unrepaired"));
        array.close();
        made.reopen();
        for (int slot = 0; slot < 5; slot++) {
            assertArrayEquals(before.get(slot), memberData(shape, made.disks.get(slot)), "slot " + slot);
        }
        assertEquals(List.of(new BadRange(8, 8)), ListedBlocks.on(made.disks.get(1)));
    }

    private static byte[] memberData(ArrayShape shape, CrashDisk disk) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long bytes = Sectors.toBytes(shape.geometry().memberSectors());
            return ArrayShape.data(disk, bytes, arena).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
    }

    /** A scrub solves listed blocks, writes them back, and reports nothing else. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aScrubHealsListedBlocks(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        Made made = new Made(shape(layout, disks, 4, 0));
        made.listMany(0);
        RaidArray array = made.open();
        array.setAttribute("sync_action", "check");
        assertEquals("0", array.attributes().get("mismatch_cnt"));
        assertEquals("done", array.attributes().get("last_sync_result"));
        array.flush();
        made.reopen();
        array.close();
        assertEquals(0, made.listed());
        assertEquals(-1, made.shape.wrongParity(made.disks));
    }

    /** A member fails for another reason: its list is not used any more, and the other members' lists stay. */
    @Test
    void aListThatCantBeParsedIsRefusedWithTheDeviceName() throws IOException {
        Made made = new Made(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 3, 0));
        ListedBlocks.list(made.disks.get(2), 8);
        byte[] log = {8, (byte) 0xf8, -1, -1, -1, -1, -1, -1};
        made.disks.get(2).write(16 * 512, MemorySegment.ofArray(log));
        made.disks.get(2).flush();
        IOException e = assertThrows(IOException.class, made::open);
        assertTrue(String.valueOf(e.getMessage()).startsWith("disk2: the list of its bad blocks"), e::getMessage);
        assertFalse(made.disks.isEmpty());
    }
}
