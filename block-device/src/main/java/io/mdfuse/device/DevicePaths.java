package io.mdfuse.device;

import java.nio.file.Path;

/** What a path leads to, without opening it. */
public final class DevicePaths {
    private DevicePaths() {}

    /**
     * The identity of the device or file that the path leads to.
     *
     * @throws DeviceOpenException if there is no such file, or it is neither a file nor a block device
     */
    public static DeviceIdentity identityOf(Path path) throws DeviceOpenException {
        return FileStatus.ofUsable(path).identity();
    }
}
