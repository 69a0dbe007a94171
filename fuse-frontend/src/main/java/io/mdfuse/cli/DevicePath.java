package io.mdfuse.cli;

import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The name of a device while its array is mounted: one that is independent of the working directory. */
final class DevicePath {
    private DevicePath() {}

    /** The same device by its absolute path. */
    static DeviceSpec absolute(DeviceSpec given) {
        return given.withPaths(DevicePath::absolute);
    }

    /** Refuses a list in which one device is given twice by the same name. */
    static void requireDifferent(List<DeviceSpec> devices) throws IOException {
        Set<DeviceSpec> seen = new HashSet<>();
        for (DeviceSpec device : devices) {
            if (!seen.add(absolute(device))) {
                throw new IOException(device.text() + " is given twice; give each device once");
            }
        }
    }

    /**
     * The absolute path, with symbolic links kept: a name in /dev/disk/by-id says more than the node that it leads to.
     * The steps {@code .} and {@code ..} are left out if the path leads to the same file without them, which a symbolic
     * link may prevent.
     */
    private static Path absolute(Path given) {
        Path absolute = given.toAbsolutePath();
        Path plain = absolute.normalize();
        try {
            return plain.equals(absolute) || !Files.isSameFile(plain, absolute) ? absolute : plain;
        } catch (IOException e) {
            // Messages about this file use the name that the user gave.
            return absolute;
        }
    }
}
