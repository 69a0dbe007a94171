package io.mdfuse.device;

/**
 * Identifies a device independently of its path, so that one device given under two names is noticed.
 *
 * @param blockNode whether this is a block device. Then the numbers are those of the device, and {@code inode} is 0,
 *     so that all nodes of the device have the same identity. For a file the numbers are those of its file system
 * @param major the device's major number
 * @param minor the device's minor number
 * @param inode the file's number within its file system
 */
public record DeviceIdentity(boolean blockNode, int major, int minor, long inode) {}
