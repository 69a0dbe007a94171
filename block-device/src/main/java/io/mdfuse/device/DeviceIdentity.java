package io.mdfuse.device;

/**
 * Which device a path really leads to, so that one device given twice under two names is noticed.
 *
 * @param blockNode whether this is a block device; then the numbers are the device's own and {@code inode} is 0,
 *     whichever node it was reached by. For a file they are those of the file system that holds it.
 * @param major the device's major number
 * @param minor the device's minor number
 * @param inode the file's number within its file system
 */
public record DeviceIdentity(boolean blockNode, int major, int minor, long inode) {}
