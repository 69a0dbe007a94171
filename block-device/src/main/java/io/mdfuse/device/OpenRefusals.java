package io.mdfuse.device;

import java.nio.file.Path;

/** Turns the kernel's refusal to open something into a line that says what to do. */
final class OpenRefusals {
    private OpenRefusals() {}

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
