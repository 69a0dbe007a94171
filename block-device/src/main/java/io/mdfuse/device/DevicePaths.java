package io.mdfuse.device;

import java.nio.file.Path;

/** Finds the device to which a path leads, without opening it. */
public final class DevicePaths {
    private DevicePaths() {}

    /**
     * The identity of the device or file to which the path leads; symbolic links are followed.
     *
     * @throws DeviceOpenException if there is no such file, or it is neither a file nor a block device
     */
    public static DeviceIdentity identityOf(Path path) throws DeviceOpenException {
        return FileStatus.ofUsable(path).identity();
    }
}
