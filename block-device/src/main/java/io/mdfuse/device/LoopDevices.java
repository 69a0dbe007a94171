package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the loop device that an image file is attached to.
 *
 * <p>The kernel takes no lock on the file behind a loop device, so a lock of ours would not be refused: the file
 * could be written through both. The kernel does tell each loop device's file in
 * {@code /sys/block/loopN/loop/backing_file}, and this class asks there.
 */
final class LoopDevices {
    private static final Path SYS_BLOCK = Path.of("/sys/block");

    private LoopDevices() {}

    /** The node of the loop device that serves this file, such as {@code /dev/loop3}, or null where none does. */
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
            // A host that hides /sys/block from us would not let us attach a loop device either.
            return null;
        }
    }

    private static boolean serves(Path loop, Path image, DeviceIdentity identity) {
        Path backing;
        try {
            // A detached loop device has no such file, and one may be detached while we look.
            backing = PathBytes.toPath(firstLine(Files.readAllBytes(loop.resolve("loop/backing_file"))));
        } catch (IOException e) {
            return false;
        }
        try {
            // By identity first: the file may have been attached under another of its hard links.
            return backing.equals(image.toRealPath())
                    || DevicePaths.identityOf(backing).equals(identity);
        } catch (IOException e) {
            return false;
        }
    }

    /** The bytes before the newline: a name in another encoding must not hide what serves the file. */
    private static byte[] firstLine(byte[] content) {
        int length = 0;
        while (length < content.length && content[length] != '\n') {
            length++;
        }
        return Arrays.copyOf(content, length);
    }
}
