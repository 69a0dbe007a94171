package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds the loop device to which an image file is attached.
 *
 * <p>The kernel does not lock the file behind a loop device, so our own lock would succeed, and the file could be
 * written through both. This class reads the file of each loop device in
 * {@code /sys/block/loopN/loop/backing_file}.
 */
final class LoopDevices {
    private static final Path SYS_BLOCK = Path.of("/sys/block");

    private LoopDevices() {}

    /** The node of the loop device to which this file is attached, such as {@code /dev/loop3}, or null. */
    static @Nullable String attachedTo(Path image, DeviceIdentity identity) {
        if (!Files.isDirectory(SYS_BLOCK)) {
            return null;
        }
        try (DirectoryStream<Path> loops = Files.newDirectoryStream(SYS_BLOCK, "loop*")) {
            for (Path loop : loops) {
                if (serves(loop, image, identity)) {
                    return "/dev/" + loop.getFileName();
                }
            }
            return null;
        } catch (IOException e) {
            // In an environment in which /sys/block can't be read, no loop device can be attached either.
            return null;
        }
    }

    private static boolean serves(Path loop, Path image, DeviceIdentity identity) {
        Path backing;
        try {
            // A detached loop device has no such file, and it may be detached during this search.
            backing = LoopBacking.path(loop.resolve("loop/backing_file"));
        } catch (IOException e) {
            return false;
        }
        try {
            // The identity is compared too, since the file may have been attached by the path of another hard link.
            return backing.equals(image.toRealPath())
                    || DevicePaths.identityOf(backing).equals(identity);
        } catch (IOException e) {
            return false;
        }
    }
}
