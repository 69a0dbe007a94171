package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what uses a block device that the kernel refused to open exclusively, so that the refusal can name it. */
final class DeviceHolders {
    private static final int NO_DESCRIPTOR = -1;
    private static final int MOUNTINFO_DEVICE = 2;
    private static final int MOUNTINFO_MOUNT_POINT = 4;

    private DeviceHolders() {}

    /**
     * What uses the device (a mount, another block device, or a process), and how to end that use, as the rest of a
     * sentence that begins with the device's name.
     */
    static String describe(Path path, DeviceIdentity identity) {
        String device = identity.major() + ":" + identity.minor();
        String mountPoint = mountPoint(device);
        if (mountPoint != null) {
            return "is mounted on " + mountPoint + "; unmount it first";
        }
        String holder = holder(device);
        if (holder != null) {
            return "is part of /dev/" + holder + "; stop that first";
        }
        String process = LockHolders.ofNode(path, NO_DESCRIPTOR);
        if (process != null) {
            return "is in use by " + process;
        }
        return "is in use by the kernel (mounted, or part of another array)"
                + " or by another process, which only root can name";
    }

    private static @Nullable String mountPoint(String device) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                List<String> fields = List.of(line.split(" ", -1));
                if (fields.size() > MOUNTINFO_MOUNT_POINT
                        && fields.get(MOUNTINFO_DEVICE).equals(device)) {
                    // The kernel writes a blank within the path as its octal code.
                    return fields.get(MOUNTINFO_MOUNT_POINT).replace("\\040", " ");
                }
            }
            return null;
        } catch (IOException e) {
            // The device is refused in any case, then without the name.
            return null;
        }
    }

    private static @Nullable String holder(String device) {
        Path holders = Path.of("/sys/dev/block", device, "holders");
        try (DirectoryStream<Path> names = Files.newDirectoryStream(holders)) {
            for (Path name : names) {
                return String.valueOf(name.getFileName());
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }
}
