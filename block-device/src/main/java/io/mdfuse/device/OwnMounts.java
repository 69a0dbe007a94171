package io.mdfuse.device;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The file systems that this process serves. A file in one of them is refused as a device, and so is a loop device over
 * such a file: each access would be a request to this process, made while the process waits for it. Opening it is
 * enough to hang: the request that asks for the opening holds the file's lock in the kernel. May be used by any thread.
 */
public final class OwnMounts {
    private static final Set<String> DEVICES = ConcurrentHashMap.newKeySet();

    private OwnMounts() {}

    /** Adds a mount by its device number, as in {@code 0:41}; it stays until the process ends. */
    public static void add(String device) {
        DEVICES.add(device);
    }

    /** Looks at the path alone: nothing is opened. */
    static void refuse(Path path, FileStatus status) throws DeviceOpenException {
        if (DEVICES.isEmpty()) {
            return;
        }
        boolean own = isOwn(status.identity());
        if (!own && status.identity().blockNode()) {
            Path backing = LoopBacking.of(path).map(LoopBacking::file).orElse(null);
            own = backing != null && isOwn(backing);
        }
        if (own) {
            throw new DeviceOpenException(
                    path.toString(), "leads to the volume of this mount itself, which can't be a device of its array");
        }
    }

    private static boolean isOwn(Path file) {
        try {
            return isOwn(DevicePaths.identityOf(file));
        } catch (DeviceOpenException e) {
            // The file was moved since, or is not to be seen from here: then it is in no mount of this process.
            return false;
        }
    }

    private static boolean isOwn(DeviceIdentity identity) {
        return !identity.blockNode() && DEVICES.contains(identity.major() + ":" + identity.minor());
    }
}
