package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;

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
}
