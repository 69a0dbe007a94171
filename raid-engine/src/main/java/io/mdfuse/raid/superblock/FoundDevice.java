package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;

/**
 * A device and the superblock that was found on it.
 *
 * @param device the open device
 * @param superblock as it was read, or as a caller changed it
 */
public record FoundDevice(BlockDevice device, Superblock superblock) {
    /** The device as the user named it. */
    public String name() {
        return device.name();
    }

    /** How many sectors of the data area exist: as many as the superblock says, or fewer if the device is shorter. */
    public long roomSectors() {
        return superblock.roomSectors(Sectors.floorFromBytes(device.sizeBytes()));
    }

    /** True if the device ends before its superblock says. */
    public boolean isShort() {
        return roomSectors() < superblock.dataSizeSectors();
    }
}
