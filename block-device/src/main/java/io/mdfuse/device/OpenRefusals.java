package io.mdfuse.device;

import java.nio.file.Path;

/** Turns an error number of open into an exception whose message says what the user can do. */
final class OpenRefusals {
    private OpenRefusals() {}

    private static final int O_RDONLY_CLOEXEC = 0x80000;

    /** As {@link #notOpened}, but if only writing is refused, the message says so and names the alternatives. */
    static DeviceOpenException notOpenedForWriting(Path path, boolean blockNode, int errno) {
        if (errno != Errno.EACCES && errno != Errno.EPERM && errno != Errno.EROFS) {
            return notOpened(path, errno);
        }
        int readable = LinuxCalls.open(path, O_RDONLY_CLOEXEC);
        if (readable < 0) {
            return notOpened(path, errno);
        }
        LinuxCalls.close(readable);
        String name = path.toString();
        return switch (errno) {
            case Errno.EACCES ->
                new DeviceOpenException(
                        name,
                        "can be read but not written: permission denied; check its owner and mode,"
                                + " and your groups, or mount"
                                + " with --read-only");
            case Errno.EPERM ->
                new DeviceOpenException(
                        name,
                        "can be read but not written: it is immutable or append-only (chattr -i -a " + path
                                + " lifts that); or mount with --read-only");
            default ->
                new DeviceOpenException(
                        name,
                        blockNode
                                ? WriteProtection.message(path)
                                : "is on a read-only file system: an array on it can be mounted with --read-only");
        };
    }

    static DeviceOpenException notOpened(Path path, int errno) {
        String name = path.toString();
        return switch (errno) {
            case Errno.ENOENT -> new DeviceOpenException(name, "does not exist");
            case Errno.ENOTDIR ->
                new DeviceOpenException(name, "does not exist: a part of its path is not a directory");
            case Errno.EACCES, Errno.EPERM ->
                new DeviceOpenException(name, "permission denied; check its owner and mode, and your groups");
            case Errno.EROFS ->
                new DeviceOpenException(
                        name, "is on a read-only file system, or is write-protected; open it read-only");
            case Errno.ENXIO, Errno.ENODEV -> new DeviceOpenException(name, "there is no device behind this node");
            case Errno.EBUSY -> new DeviceInUseException(name, "is in use by another process");
            default -> new DeviceOpenException(name, "cannot be opened: " + LinuxCalls.message(errno));
        };
    }
}
