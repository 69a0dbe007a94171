package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import io.mdfuse.raid.superblock.foreign.PartitionTables;

/**
 * Distinguishes the 0.90 superblock of a whole disk from that of its last partition. If the partition begins at a
 * multiple of 64 KiB and ends with the disk, both lie at the same sector, and neither records where its data begins. If
 * one were mistaken for the other, every byte would be served from the wrong position.
 *
 * <p>The size decides, as in mdadm: a partition with less room than the array uses of each member is not a member. If
 * the partition is large enough, the device is refused, since both are possible.
 */
final class LastPartition {
    private LastPartition() {}

    /**
     * Refuses a device whose superblock may be that of one of its partitions.
     *
     * @param superSector the sector at which the superblock was found
     * @param usedSectors how many sectors the array uses of each member
     */
    static void refuseRival(BlockDevice device, long superSector, long usedSectors)
            throws DeviceException, ArrayRefusedException {
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        for (Partition partition : PartitionTables.all(device)) {
            boolean large = superSector - partition.startSector() >= usedSectors;
            if (partition.endSector() <= deviceSectors && large && mayOwn(partition, superSector)) {
                throw new ArrayRefusedException(
                        Reason.UNSAFE,
                        device.name() + ": its 0.90 superblock may just as well be that of "
                                + (partition.extended() ? "a partition in the extended" : "the")
                                + " partition that begins at its sector " + partition.startSector()
                                + ", and nothing in it tells which; give that partition instead");
            }
        }
    }

    private static boolean mayOwn(Partition partition, long superSector) {
        if (partition.extended()) {
            return partition.startSector() < superSector && superSector < partition.endSector();
        }
        long within = MetadataVersion.V0_90.superSector(partition.endSector() - partition.startSector());
        return within >= 0 && partition.startSector() + within == superSector;
    }
}
