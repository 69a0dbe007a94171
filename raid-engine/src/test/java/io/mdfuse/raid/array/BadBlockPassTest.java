package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rebuild, resync and scrub of arrays whose members list blocks as bad. */
class BadBlockPassTest {
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;
    private final Random random = new Random(23);

    /**
     * During a rebuild the blocks that too many other members list can't be solved: only these are lost, and the new
     * member lists them.
     */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aRebuildListsWhatIsLostAndGoesOn(ParityLayout layout) throws IOException {
        int disks = layout.level() == 6 ? 5 : 4;
        ArrayShape shape = ArrayWithLogs.shape(layout, disks, 4, 0);
        ArrayWithLogs made = new ArrayWithLogs(shape, random);
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
                assertThrows(IOException.class, () -> ArrayWithLogs.read(opened, from, 4096), shape + " at " + at);
            } else {
                assertArrayEquals(
                        Arrays.copyOfRange(made.content, at, at + 4096),
                        ArrayWithLogs.read(array, at, 4096),
                        shape + " at " + at);
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
        ArrayShape shape = ArrayWithLogs.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 4, 0);
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
        ArrayShape shape = ArrayWithLogs.shape(layout, layout.level() == 6 ? 5 : 4, 4, 0);
        ArrayWithLogs made = new ArrayWithLogs(shape, random);
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
            ArrayWithLogs made = new ArrayWithLogs(ArrayWithLogs.shape(layout, disks, 4, 0), random);
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
        ArrayShape shape = ArrayWithLogs.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 4, 0);
        ArrayWithLogs made = new ArrayWithLogs(shape, random);
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
        ArrayWithLogs made = new ArrayWithLogs(ArrayWithLogs.shape(layout, disks, 4, 0), random);
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
}
