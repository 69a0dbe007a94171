package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Superblock fields of Synology's md that the md of kernel.org refuses: a flag in a role, and a resync_offset of -2.
 */
class SynologyFlagsTest {
    private static final int MARKED = 3;

    private final ArrayShape shape =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 3, 0, Superblock.IN_SYNC, false);
    private final byte[] content = new byte[(int) shape.geometry().arrayBytes()];

    private List<CrashDisk> made() throws IOException {
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(made);
        Rebuilds.write(array, content, 0, content.length, new Random(51));
        array.close();
        return Rebuilds.reopened(made);
    }

    private static Superblock superblock(CrashDisk disk) throws IOException {
        return MemberLocator.require(disk).superblock();
    }

    private static void mark(List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, editor -> editor.role(MARKED, Roles.DISK_ERROR | MARKED));
        }
    }

    @Test
    void aMemberWithTheFlagIsUsedAndReported() throws IOException {
        List<CrashDisk> made = made();
        for (CrashDisk disk : made) {
            Superblocks.edit(disk, editor -> editor.role(0, Roles.FAULTY).role(MARKED, Roles.DISK_ERROR | MARKED));
        }
        List<CrashDisk> left = made.subList(1, 4);
        RaidArray array = ArrayShape.open(left, null, AssembleOptions.defaults().withReadOnly(true));
        Rebuilds.assertReads(array, content, "slot 0 is gone, slot 3 is marked");
        assertEquals("1", array.attributes().get("degraded"));
        assertTrue(
                array.startMessages().stream().anyMatch(line -> line.startsWith("disk3: has Synology's mark")),
                array.startMessages()::toString);
        array.close();
    }

    /** The md of kernel.org does not know the flag, and Synology's md must find it unchanged. */
    @Test
    void theFlagStaysAsLongAsTheDeviceHasItsSlot() throws IOException {
        List<CrashDisk> made = made();
        mark(made);
        List<CrashDisk> disks = Rebuilds.reopened(made);
        RaidArray array = shape.open(disks);
        Rebuilds.rewrite(array, content);
        array.flush();
        array.close();
        for (CrashDisk disk : Rebuilds.reopened(disks)) {
            assertTrue(superblock(disk).hasDiskError(MARKED), disk.name());
            assertFalse(superblock(disk).hasDiskError(1), disk.name());
        }
        disks = Rebuilds.reopened(disks);
        array = shape.open(disks);
        array.setAttribute("member_command", "fail\n" + disks.get(MARKED).name());
        Rebuilds.rewrite(array, content);
        array.close();
        Superblock other = superblock(Rebuilds.reopened(disks).getFirst());
        assertFalse(other.hasDiskError(MARKED));
        assertEquals(Roles.FAULTY, other.role(MARKED));
    }

    /** A crash during an update leaves the flag in some superblocks only: the freshest one counts. */
    @Test
    void theFlagsOfTheFreshestSuperblockCount() throws IOException {
        List<CrashDisk> made = made();
        long events = superblock(made.getFirst()).events();
        for (CrashDisk disk : made.subList(0, 2)) {
            Superblocks.edit(
                    disk,
                    editor -> editor.role(MARKED, Roles.DISK_ERROR | MARKED).events(events + 1));
        }
        List<CrashDisk> disks = Rebuilds.reopened(made);
        RaidArray array = shape.open(disks);
        Rebuilds.rewrite(array, content);
        array.close();
        for (CrashDisk disk : Rebuilds.reopened(disks)) {
            assertTrue(superblock(disk).hasDiskError(MARKED), disk.name());
        }
    }

    private static void leaveInUse(List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, editor -> editor.resyncOffsetSectors(-2));
        }
    }

    @Test
    void anArrayLeftInUseIsDirty() throws IOException {
        List<CrashDisk> made = made();
        leaveInUse(made);
        assertEquals(0, superblock(made.getFirst()).resyncOffsetSectors());
        assertTrue(superblock(made.getFirst()).leftInUse());
        List<CrashDisk> disks = Rebuilds.reopened(made);
        RaidArray array = shape.open(disks);
        assertTrue(
                String.join("\n", array.startMessages()).contains("Synology's mark"), array.startMessages()::toString);
        assertTrue(String.join("\n", array.startMessages()).contains("resync runs"), array.startMessages()::toString);
        Rebuilds.assertReads(array, content, "left in use");
        array.close();
        for (CrashDisk disk : Rebuilds.reopened(disks)) {
            assertFalse(superblock(disk).leftInUse(), disk.name());
            assertEquals(Superblock.IN_SYNC, superblock(disk).resyncOffsetSectors());
        }
    }

    /**
     * A degraded array: it can be opened read-only without an option, and for writing only with --force, like any dirty
     * array.
     */
    @Test
    void aDegradedArrayLeftInUseCanBeOpenedReadOnly() throws IOException {
        List<CrashDisk> made = made();
        leaveInUse(made);
        List<CrashDisk> left = Rebuilds.reopened(made).subList(1, 4);
        AssembleOptions run = AssembleOptions.defaults().withRun(true);
        assertThrows(ArrayRefusedException.class, () -> ArrayShape.open(left, null, run));
        RaidArray array = ArrayShape.open(Rebuilds.reopened(made).subList(1, 4), null, run.withReadOnly(true));
        Rebuilds.assertReads(array, content, "degraded, left in use");
        assertTrue(String.join("\n", array.startMessages()).contains("may be old"), array.startMessages()::toString);
        array.close();
    }
}
