package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;

/**
 * A device and the superblock that was found on it.
 *
 * @param device the open device
 * @param superblock as it was read, or as it was last written
 */
public record FoundDevice(BlockDevice device, Superblock superblock) {
    /** The device as the user named it. */
    public String name() {
        return device.name();
    }

    /**
     * How many sectors of the data area are there: what the superblock says, or less on a device that is shorter than
     * it says.
     */
    public long roomSectors() {
        return superblock.roomSectors(Sectors.floorFromBytes(device.sizeBytes()));
    }

    /** True if the device ends before its superblock says. */
    public boolean isShort() {
        return roomSectors() < superblock.dataSizeSectors();
    }
}
