package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Changes superblocks on disks of a closed array. */
final class Superblocks {
    private Superblocks() {}

    /** The disks with a superblock; a disk without one does not belong to the array. */
    static List<CrashDisk> on(List<CrashDisk> disks) throws IOException {
        List<CrashDisk> found = new ArrayList<>();
        for (CrashDisk disk : disks) {
            if (SuperblockLocator.find(disk).isPresent()) {
                found.add(disk);
            }
        }
        return found;
    }

    /** The resync_offset in the superblock of the first disk. */
    static long resyncOffset(List<CrashDisk> closed) throws IOException {
        return MemberLocator.require(Rebuilds.reopened(closed).getFirst())
                .superblock()
                .resyncOffsetSectors();
    }

    static void edit(CrashDisk disk, Consumer<SuperblockEditor> change) throws IOException {
        Superblock superblock = MemberLocator.require(disk).superblock().edit(change);
        byte[] bytes = Arrays.copyOf(superblock.toBytes(), superblock.writtenBytes());
        disk.write(Sectors.toBytes(superblock.superOffsetSectors()), MemorySegment.ofArray(bytes));
        disk.flush();
    }

    /** Makes the disk's superblock say dirty, as a crash without a journal leaves it. */
    static void dirty(CrashDisk disk) throws IOException {
        edit(disk, editor -> editor.resyncOffsetSectors(0));
    }
}
