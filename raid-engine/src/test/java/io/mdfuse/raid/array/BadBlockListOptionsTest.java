package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad-block lists that contain readable blocks: how they are used, reported, and ignored. */
class BadBlockListOptionsTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private static final int ROWS = 3;
    private static final AssembleOptions READ_ONLY = AssembleOptions.defaults().withReadOnly(true);

    private ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, ROWS, 0, Superblock.IN_SYNC, false);
    private byte[] content = new byte[0];

    private List<CrashDisk> made(ParityLayout layout, int disks) throws IOException {
        shape = new ArrayShape(layout, disks, 16, ROWS, 0, Superblock.IN_SYNC, false);
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        content = new byte[(int) shape.geometry().arrayBytes()];
        ListedBlocks.giveLogs(made, DATA_SECTOR);
        RaidArray array = shape.open(made);
        Rebuilds.write(array, content, 0, content.length, new Random(31));
        array.close();
        return Rebuilds.reopened(made);
    }

    /** Lists sectors without changing their content. */
    private static void phantom(CrashDisk disk, long memberSector, int sectors) throws IOException {
        Superblock superblock = MemberLocator.require(disk).superblock();
        byte[] log = new byte[4096];
        Arrays.fill(log, (byte) 0xff);
        ByteBuffer.wrap(log)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(((superblock.dataOffsetSectors() + memberSector) << 10) | sectors);
        disk.write(
                Sectors.toBytes(superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors()),
                MemorySegment.ofArray(log));
        Superblocks.edit(disk, editor -> editor.featureMap(superblock.featureMap() | Features.BAD_BLOCKS));
    }

    private static RaidArray open(List<CrashDisk> disks, AssembleOptions options) throws IOException {
        return ArrayShape.open(Rebuilds.reopened(disks), null, options);
    }

    private static byte[] read(RaidArray array, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(offset, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String said(RaidArray array) {
        return String.join("\n", array.startMessages());
    }

    /**
     * More members list the same stripes than parity can replace: reads fail only there, and the start reports the
     * ranges. With --ignore-bad-block-lists everything can be read.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void readableBlocksListedOnTooManyMembers(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 6 : 4;
        List<CrashDisk> made = made(layout, disks);
        List<Integer> slots = new ArrayList<>();
        for (int k = 0; k <= layout.parityCount(); k++) {
            slots.add(k + 1);
            phantom(made.get(k + 1), 24, 16);
        }
        ArrayGeometry geometry = shape.geometry();
        RaidArray array = open(made, READ_ONLY);
        String said = said(array);
        assertFalse(said.contains("are solved"), said);
        assertTrue(said.contains("16 sectors are listed as bad; none of them can be solved"), said);
        int firstLost = Integer.MAX_VALUE;
        for (int at = 0; at < content.length; at += Sectors.BLOCK_BYTES) {
            long sector = at / Sectors.BYTES;
            long stripe = geometry.stripeSectorOf(sector);
            boolean gone = stripe >= 24 && stripe < 40 && slots.contains(geometry.slotOf(sector));
            int from = at;
            if (gone) {
                assertThrows(IOException.class, () -> read(array, from, Sectors.BLOCK_BYTES));
                firstLost = Math.min(firstLost, at);
            } else {
                assertArrayEquals(
                        Arrays.copyOfRange(content, at, at + Sectors.BLOCK_BYTES),
                        read(array, at, Sectors.BLOCK_BYTES));
            }
        }
        assertTrue(said.contains("of the volume, ") && said.contains(" bytes at " + firstLost), said);
        array.close();
        for (AssembleOptions options : List.of(READ_ONLY.withIgnoreBadBlockLists(true), READ_ONLY.withForce(true))) {
            RaidArray whole = open(made, options);
            Rebuilds.assertReads(whole, content, options.toString());
            assertTrue(said(whole).contains("is ignored") || said(whole).contains("because of --force"), said(whole));
            whole.close();
        }
    }

    /**
     * With --read-only --force the members' content is returned only for blocks that can't be solved; all other listed
     * blocks are solved, whatever they contain.
     */
    @Test
    void forceReadsNoListedBlockThatParityReplaces() throws IOException {
        List<CrashDisk> made = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        ListedBlocks.list(made.get(0), 8, 24);
        phantom(made.get(1), 24, 8);
        byte[] held = content.clone();
        for (int at = 0; at < content.length; at += Sectors.BLOCK_BYTES) {
            long sector = at / Sectors.BYTES;
            if (shape.geometry().stripeSectorOf(sector) == 24
                    && shape.geometry().slotOf(sector) == 0) {
                byte[] junk = new byte[Sectors.BLOCK_BYTES];
                new Random(DATA_SECTOR + 24).nextBytes(junk);
                System.arraycopy(junk, 0, held, at, junk.length);
            }
        }
        RaidArray array = open(made, READ_ONLY.withForce(true));
        Rebuilds.assertReads(array, held, "forced");
        assertTrue(said(array).contains("16 sectors are listed as bad; 8 of them are solved"), said(array));
        array.close();
    }

    /** A missing member counts like one that lists all its blocks. */
    @Test
    void aMissingMemberMakesListedBlocksUnsolvable() throws IOException {
        List<CrashDisk> made = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        phantom(made.get(2), 32, 8);
        RaidArray array = open(made.subList(1, 4), READ_ONLY.withRun(true));
        assertTrue(said(array).contains("8 sectors are listed as bad; none of them can be solved"), said(array));
        array.close();
        RaidArray ignoring = open(made.subList(1, 4), READ_ONLY.withRun(true).withIgnoreBadBlockLists(true));
        Rebuilds.assertReads(ignoring, content, "degraded, ignoring the list");
        ignoring.close();
    }

    /**
     * If the array can be written, the lists are removed from the superblocks before the first request. The log area
     * stays, so that blocks can be listed again.
     */
    @Test
    void ignoredListsAreOutOfForceOnTheDisks() throws IOException {
        List<CrashDisk> made = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        phantom(made.get(1), 24, 16);
        phantom(made.get(3), 24, 16);
        List<CrashDisk> disks = Rebuilds.reopened(made);
        RaidArray array =
                ArrayShape.open(disks, null, AssembleOptions.defaults().withIgnoreBadBlockLists(true));
        for (BlockDevice disk : Rebuilds.reopened(disks)) {
            Superblock superblock = MemberLocator.require(disk).superblock();
            assertFalse(superblock.hasFeature(Features.BAD_BLOCKS), disk.name());
            assertEquals(8, superblock.badBlockLogSectors());
        }
        Rebuilds.assertReads(array, content, "ignoring");
        array.close();
        RaidArray later = open(disks, AssembleOptions.defaults());
        Rebuilds.assertReads(later, content, "later, without the option");
        assertEquals("", later.attributes().get("rd1_bad_blocks"));
        later.close();
    }

    /** If lists are ignored, a list that can't be parsed does not prevent any read. */
    @Test
    void aListThatCantBeParsedCanBeIgnored() throws IOException {
        List<CrashDisk> made = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        phantom(made.get(2), -3000, 8);
        Superblocks.edit(made.get(2), editor -> editor.badBlockLog(0, 9, DATA_SECTOR - 16));
        assertThrows(IOException.class, () -> open(made, READ_ONLY));
        RaidArray array = open(made, AssembleOptions.defaults().withIgnoreBadBlockLists(true));
        Rebuilds.assertReads(array, content, "ignoring");
        assertTrue(said(array).contains("can't be made out"), said(array));
        array.close();
    }

    @Test
    void aLogOfZerosIsReportedAndNotInForce() throws IOException {
        List<CrashDisk> made = made(ParityLayout.LEFT_SYMMETRIC_5, 4);
        phantom(made.get(2), 0, 8);
        Superblock superblock = MemberLocator.require(made.get(2)).superblock();
        made.get(2)
                .write(
                        Sectors.toBytes(superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors()),
                        MemorySegment.ofArray(new byte[4096]));
        List<CrashDisk> disks = Rebuilds.reopened(made);
        RaidArray array = ArrayShape.open(disks, null, AssembleOptions.defaults());
        assertTrue(said(array).contains("512 entries of its bad-block list have length 0"), said(array));
        Rebuilds.assertReads(array, content, "zeros");
        Rebuilds.rewrite(array, content);
        array.close();
        List<CrashDisk> left = Rebuilds.reopened(disks);
        assertFalse(MemberLocator.require(left.get(2)).superblock().hasFeature(Features.BAD_BLOCKS));
        assertEquals(List.<BadRange>of(), ListedBlocks.on(left.get(2)));
    }

    /**
     * The lines about listed blocks are made after the replay: a block that the replay has written is neither listed
     * nor lost.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocksThatTheReplayWritesAreNotReportedAsLost(boolean readOnly) throws IOException {
        shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, ROWS, 64, Superblock.IN_SYNC, true);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), DATA_SECTOR);
        content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, new Random(37));
        array.close();
        disks = Rebuilds.reopened(disks);
        ListedBlocks.list(disks.get(1), 16, 24);
        ListedBlocks.list(disks.get(2), 16, 24);
        array = shape.open(disks);
        assertTrue(said(array).contains("can't be read, as the lists of bad blocks say"), said(array));
        int row = content.length / ROWS;
        Rebuilds.write(array, content, row, row, new Random(38));
        array.flush();
        List<CrashDisk> killed = Rebuilds.reopened(disks);
        assertEquals(List.of(new BadRange(16, 16)), ListedBlocks.on(killed.get(1)));
        RaidArray again = open(killed, AssembleOptions.defaults().withReadOnly(readOnly));
        Rebuilds.assertReads(again, content, "replayed");
        assertFalse(said(again).contains("listed as bad"), said(again));
        assertFalse(said(again).contains("can't be read"), said(again));
        again.close();
        array.close();
    }
}
