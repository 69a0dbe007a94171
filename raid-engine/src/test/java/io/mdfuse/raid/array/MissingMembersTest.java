package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each row of the table of {@link MissingMembers}, and the lines of the start. */
final class MissingMembersTest {
    private static final AssembleOptions PLAIN = AssembleOptions.defaults();
    private static final AssembleOptions RUN = PLAIN.withRun(true);
    private static final AssembleOptions FORCE = PLAIN.withForce(true);
    private static final AssembleOptions LOOK = PLAIN.withReadOnly(true);
    private static final int BLOCK = 4096;

    private static final ArrayShape RAID5 = shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 0);

    private byte[] content = new byte[0];

    private static ArrayShape shape(ParityLayout layout, int disks, int journalBlocks) {
        return new ArrayShape(layout, disks, 8, 10, journalBlocks, Superblock.IN_SYNC, false);
    }

    private List<CrashDisk> filled(ArrayShape shape) throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, new Random(6));
        array.close();
        return Rebuilds.reopened(disks);
    }

    private static List<CrashDisk> without(List<CrashDisk> disks, int... gone) {
        List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(disks));
        for (int i = gone.length - 1; i >= 0; i--) {
            left.remove(gone[i]);
        }
        return left;
    }

    private static String refused(Reason reason, List<CrashDisk> disks, AssembleOptions options) {
        ArrayRefusedException e = assertThrows(
                ArrayRefusedException.class, () -> ArrayShape.open(Rebuilds.reopened(disks), null, options));
        assertEquals(reason, e.reason(), e.getMessage());
        return String.valueOf(e.getMessage());
    }

    /** Opens the array, reads it, and returns the lines of the start. */
    private List<String> read(List<CrashDisk> disks, AssembleOptions options) throws IOException {
        RaidArray array = ArrayShape.open(Rebuilds.reopened(disks), null, options);
        Rebuilds.assertReads(array, content, options.toString());
        List<String> said = array.startMessages();
        array.close();
        return said;
    }

    private static void dirty(List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            Superblocks.dirty(disk);
        }
    }

    /** The member of slot 3 is rebuilt for some chunk rows; its content after these is garbage. */
    private static void rebuildingSlot3(ArrayShape shape, CrashDisk disk, int rows) throws IOException {
        long sectors = (long) rows * shape.chunkSectors();
        Superblocks.edit(disk, e -> e.featureMap(Features.RECOVERY_OFFSET).recoveryOffsetSectors(sectors));
        byte[] garbage = new byte[(int) Sectors.toBytes(shape.geometry().memberSectors() - sectors)];
        new Random(9).nextBytes(garbage);
        disk.write(Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS + sectors), MemorySegment.ofArray(garbage));
        disk.flush();
    }

    @Test
    void anArrayWithoutAProblemHasNoLines() throws IOException {
        List<CrashDisk> disks = filled(RAID5);
        assertEquals(List.of(), read(disks, PLAIN));
        assertEquals(List.of(), read(disks, LOOK));
        assertEquals(List.of(), read(disks, FORCE));
    }

    @Test
    void aMissingExpectedMemberIsARefusal() throws IOException {
        List<CrashDisk> disks = without(filled(RAID5), 2);
        assertTrue(refused(Reason.MISSING, disks, PLAIN).contains("slot 2 is missing"));
        for (AssembleOptions options : List.of(RUN, FORCE, LOOK.withRun(true))) {
            assertEquals(
                    List.of(
                            "slot 2 has no member: none of the devices given is its",
                            "the array survives no further failure"),
                    read(disks, options));
        }
    }

    @Test
    void raid6SaysHowManyMoreFailuresItSurvives() throws IOException {
        List<CrashDisk> disks = without(filled(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 0)), 2);
        assertEquals("the array survives one more failure", read(disks, RUN).getLast());
    }

    /** One line says what a dirty array survives now and after the resync, and no second line contradicts it. */
    @Test
    void aDirtyArrayHasOneLineThatSaysHowManyFailuresItSurvives() throws IOException {
        for (int parity : new int[] {1, 2}) {
            List<CrashDisk> disks =
                    filled(shape(parity == 1 ? ParityLayout.LEFT_SYMMETRIC_5 : ParityLayout.LEFT_SYMMETRIC_6, 5, 0));
            dirty(disks);
            String failures = parity == 1 ? "one failure" : "2 failures";
            for (AssembleOptions options : List.of(PLAIN, FORCE, LOOK)) {
                List<String> said = read(disks, options).stream()
                        .filter(line -> line.contains("survives"))
                        .toList();
                assertEquals(1, said.size(), said::toString);
                assertTrue(said.getFirst().contains("survives no failure"), said::toString);
                assertTrue(said.getFirst().endsWith(failures), said::toString);
                assertEquals(options.readOnly(), said.getFirst().contains("not stopped cleanly"), said::toString);
                assertEquals(!options.readOnly(), said.getFirst().contains("a resync runs"), said::toString);
            }
        }
    }

    @Test
    void forceAloneStartsADirtyArrayThatLacksAMember() throws IOException {
        for (ArrayShape shape : List.of(RAID5, shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 0))) {
            List<CrashDisk> disks = without(filled(shape), 2);
            dirty(disks);
            for (AssembleOptions options : List.of(PLAIN, RUN, LOOK)) {
                String message = refused(Reason.UNSAFE, disks, options);
                assertTrue(message.contains("--force, which takes parity for right"), message);
                assertTrue(message.contains("slot 2"), message);
            }
            for (AssembleOptions options : List.of(FORCE, FORCE.withReadOnly(true))) {
                List<String> said = read(disks, options);
                assertTrue(said.toString().contains("its parity is taken for right"), said::toString);
            }
        }
    }

    @Test
    void ifParityAloneIsMissingNothingIsInDoubt() throws IOException {
        for (ParityLayout layout : List.of(ParityLayout.RAID4, ParityLayout.PARITY_FIRST_5)) {
            int parity = layout == ParityLayout.RAID4 ? 3 : 0;
            List<CrashDisk> all = filled(shape(layout, 4, 0));
            List<CrashDisk> disks = without(all, parity);
            dirty(disks);
            read(disks, RUN);
            List<CrashDisk> dataGone = without(all, 1);
            dirty(dataGone);
            refused(Reason.UNSAFE, dataGone, RUN);
        }
    }

    @Test
    void aRebuildThatACrashInterruptedIsServedReadOnlyOrWithForce() throws IOException {
        List<CrashDisk> disks = filled(RAID5);
        rebuildingSlot3(RAID5, disks.get(3), 3);
        dirty(disks);
        String message = refused(Reason.UNSAFE, disks, PLAIN);
        assertTrue(message.contains("disk3 (slot 3) is rebuilt to 30 % only"), message);
        assertTrue(message.contains("--read-only") && message.contains("--force"), message);
        List<String> said = read(disks, LOOK);
        assertTrue(said.getFirst().startsWith("slot 3: disk3 is rebuilt to 30 % only"), said::toString);
        said = read(disks, FORCE);
        assertTrue(said.getFirst().startsWith("slot 3: disk3 is rebuilt to 30 %; its rebuild goes on"), said::toString);
    }

    @Test
    void aSecondFailureDuringARebuildLeavesTheRebuiltPart() throws IOException {
        List<CrashDisk> all = filled(RAID5);
        int rows = 6;
        rebuildingSlot3(RAID5, all.get(3), rows);
        List<CrashDisk> disks = without(all, 1);
        for (AssembleOptions options : List.of(PLAIN, RUN, LOOK, FORCE)) {
            String message = refused(Reason.MISSING, disks, options);
            assertTrue(message.contains("disk3 (slot 3) is rebuilt to 60 % only"), message);
            assertTrue(message.endsWith("with --read-only --force"), message);
        }
        RaidArray array = ArrayShape.open(Rebuilds.reopened(disks), null, FORCE.withReadOnly(true));
        ArrayGeometry geometry = RAID5.geometry();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(BLOCK);
            for (int at = 0; at < content.length; at += BLOCK) {
                int row = at / (int) Sectors.toBytes(geometry.rowSectors());
                int slot = geometry.dataSlot(row, at / geometry.chunkBytes() % geometry.dataDisks());
                boolean there = row < rows || slot == 0 || slot == 2;
                if (there) {
                    array.read(at, found);
                    assertEquals(
                            -1, found.mismatch(MemorySegment.ofArray(content).asSlice(at, BLOCK)));
                } else {
                    int lost = at;
                    assertThrows(IOException.class, () -> array.read(lost, found));
                }
            }
        }
        List<String> told = array.startMessages();
        assertTrue(
                told.stream().anyMatch(line -> line.contains("what can't be solved is an I/O error")), told::toString);
        array.close();
        // If the member that failed second is given too, that one is taken back.
        Superblocks.edit(all.get(1), e -> e.events(0));
        for (int survivor : new int[] {0, 2, 3}) {
            Superblocks.edit(all.get(survivor), e -> e.role(1, Roles.FAULTY));
        }
        assertTrue(refused(Reason.MISSING, all, PLAIN).contains("--force takes back disk1"));
        List<String> said = read(all, FORCE);
        assertTrue(said.getFirst().startsWith("slot 1: disk1 is taken back"), said::toString);
    }

    @Test
    void aStaleMemberIsLeftOutAndReported() throws IOException {
        List<CrashDisk> disks = filled(RAID5);
        Superblocks.edit(disks.get(1), e -> e.events(0));
        String message = refused(Reason.STALE, disks, PLAIN);
        assertTrue(message.startsWith("disk1: is older than the array (events 0, the array's "), message);
        assertTrue(message.contains("--run"), message);
        for (AssembleOptions options : List.of(RUN, FORCE)) {
            List<String> said = read(disks, options);
            assertTrue(
                    said.getFirst().startsWith("slot 1 has no member: disk1 is not used, it is older"), said::toString);
        }
    }

    @Test
    void aStaleJournalIsNamedAndNeverReplayed() throws IOException {
        List<CrashDisk> disks = filled(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 40));
        for (int member = 0; member < 4; member++) {
            Superblocks.edit(disks.get(member), e -> e.events(90));
        }
        for (AssembleOptions options : List.of(PLAIN, RUN)) {
            String message = refused(Reason.MISSING, disks, options);
            assertTrue(message.contains("journal (journal) is older than the array (events "), message);
            assertTrue(message.contains("--drop-journal --force"), message);
        }
        List<String> said = read(disks, LOOK);
        assertTrue(said.toString().contains("the journal is not there"), said::toString);
    }

    @Test
    void imagesOfTwoDaysAreNotServedAsOne() throws IOException {
        List<CrashDisk> disks = filled(RAID5);
        Superblocks.edit(disks.get(1), e -> e.utimeSeconds(86_400));
        for (AssembleOptions options : List.of(PLAIN, RUN, LOOK)) {
            String message = refused(Reason.UNSAFE, disks, options);
            assertTrue(
                    message.contains("disk0, disk2, disk3 at 1970-01-01 00:00:00 UTC; disk1 at 1970-01-02"), message);
            assertTrue(message.contains("--force"), message);
        }
        List<String> said = read(disks, FORCE);
        assertTrue(said.getFirst().startsWith("the devices were not last written together ("), said::toString);
        assertEquals(2, read(without(disks, 1), RUN).size());
    }
}
