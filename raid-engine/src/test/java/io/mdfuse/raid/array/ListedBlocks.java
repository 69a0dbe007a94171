package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Gives disks a bad-block log, and lists blocks there as md would. The content of a listed block is overwritten, so
 * that a read that uses it returns wrong data.
 */
final class ListedBlocks {
    private ListedBlocks() {}

    /** An empty log right before the data, which starts at {@code dataSector}. */
    static void giveLogs(List<CrashDisk> members, int dataSector) throws IOException {
        for (CrashDisk disk : members) {
            Superblocks.edit(disk, editor -> editor.badBlockLog(0, 8, dataSector - 16));
        }
    }

    /**
     * Replaces the list by these blocks of 4 KiB, and overwrites them. Their sectors count from the start of the data.
     */
    static void list(CrashDisk disk, long... memberSectors) throws IOException {
        Superblock superblock = MemberLocator.require(disk).superblock();
        byte[] log = new byte[4096];
        Arrays.fill(log, (byte) 0xff);
        ByteBuffer entries = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        for (long sector : memberSectors) {
            entries.putLong(((superblock.dataOffsetSectors() + sector) << 10) | 8);
            scramble(disk, superblock.dataOffsetSectors() + sector);
        }
        disk.write(
                Sectors.toBytes(superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors()),
                MemorySegment.ofArray(log));
        Superblocks.edit(disk, editor -> editor.featureMap(superblock.featureMap() | Features.BAD_BLOCKS));
    }

    static void scramble(BlockDevice disk, long deviceSector) throws IOException {
        byte[] junk = new byte[4096];
        new Random(deviceSector).nextBytes(junk);
        disk.write(Sectors.toBytes(deviceSector), MemorySegment.ofArray(junk));
    }

    /** The sectors that a disk's log lists, from the start of its data. */
    static List<BadRange> on(BlockDevice disk) throws IOException {
        FoundDevice found = MemberLocator.require(disk);
        long data = found.superblock().dataOffsetSectors();
        return BadBlockLog.of(found).orElseThrow().badBlocks().ranges().stream()
                .map(range -> new BadRange(range.sector() - data, range.sectors()))
                .toList();
    }
}
