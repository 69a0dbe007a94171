package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The file behind a loop device, as the kernel names it in {@code loop/backing_file} of the device's sysfs directory,
 * which every user may read.
 *
 * @param file the file's path when it was attached; it may have been moved since
 * @param whole true if byte 0 of the device is byte 0 of the file; false for a partition of the loop device, and for a
 *     loop device with an offset or a limit of its size
 */
public record LoopBacking(Path file, boolean whole) {
    private static final Path DEVICES = Path.of("/sys/dev/block");

    /**
     * The file behind a loop device or a partition of one; empty for any other file or device. Symbolic links are
     * followed.
     */
    public static Optional<LoopBacking> of(Path node) {
        try {
            DeviceNumber number = DeviceNumber.of(node);
            return number.equals(DeviceNumber.NONE) ? Optional.empty() : of(number);
        } catch (IOException e) {
            // There is no such file: messages about that come from opening it.
            return Optional.empty();
        }
    }

    private static Optional<LoopBacking> of(DeviceNumber number) throws IOException {
        Path link = DEVICES.resolve(number.major() + ":" + number.minor());
        if (!Files.exists(link)) {
            return Optional.empty();
        }
        Path device = link.toRealPath();
        boolean partition = Files.exists(device.resolve("partition"));
        Path loop = (partition ? device.resolveSibling("loop") : device.resolve("loop"));
        if (!Files.exists(loop.resolve("backing_file"))) {
            return Optional.empty();
        }
        boolean whole = !partition && isZero(loop.resolve("offset")) && isZero(loop.resolve("sizelimit"));
        return Optional.of(new LoopBacking(path(loop.resolve("backing_file")), whole));
    }

    private static boolean isZero(Path attribute) throws IOException {
        return Files.readString(attribute).strip().equals("0");
    }

    /** The path in the attribute; not text, since the path may be in another encoding. */
    static Path path(Path attribute) throws IOException {
        byte[] content = Files.readAllBytes(attribute);
        int length = 0;
        while (length < content.length && content[length] != '\n') {
            length++;
        }
        return PathBytes.toPath(Arrays.copyOf(content, length));
    }
}
