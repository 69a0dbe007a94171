package io.mdfuse.fuse;

import io.mdfuse.device.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's list of mounts, /proc/self/mountinfo. A line of it reads
 *
 * <pre>36 35 98:0 /root /mnt/point rw,noatime [optional fields…] - type source options</pre>
 *
 * A space, tab, newline or backslash in a path is written as a backslash and three octal digits.
 */
public final class MountTable {
    private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");
    private static final int DEVICE_FIELD = 2;
    private static final int MOUNT_POINT_FIELD = 4;
    private static final int OCTAL_DIGITS = 3;

    private MountTable() {}

    /**
     * One mount.
     *
     * @param device the major and minor number, as in {@code 0:41}
     * @param type such as {@code ext4} or {@code fuse.mdfuse}
     * @param source the device as named at the mount
     */
    public record Entry(String device, Path mountPoint, String type, String source) {
        /** True for a mount made by mdfuse. */
        public boolean isOurs() {
            return type.equals("fuse." + MountOptions.SUBTYPE);
        }
    }

    /** The mount on {@code realPath}, the topmost if there are several; null if there is none. */
    public static @Nullable Entry at(Path realPath) throws IOException {
        return entries().stream()
                .filter(entry -> entry.mountPoint().equals(realPath))
                .reduce((below, above) -> above)
                .orElse(null);
    }

    /** Where mdfuse has mounted something, in this process's mount namespace; other users' mounts too. */
    public static List<Path> ours() throws IOException {
        return entries().stream()
                .filter(Entry::isOurs)
                .map(Entry::mountPoint)
                .distinct()
                .toList();
    }

    /** True if a file system with this device number is mounted anywhere in this process's mount namespace. */
    static boolean has(String device) throws IOException {
        return entries().stream().anyMatch(entry -> entry.device().equals(device));
    }

    /** Where the device node {@code source} is mounted. */
    static List<Path> mountPointsOf(String source) throws IOException {
        return entries().stream()
                .filter(entry -> entry.source().equals(source))
                .map(Entry::mountPoint)
                .toList();
    }

    private static List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(Files.readAllBytes(MOUNT_INFO), StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (!line.isEmpty()) {
                entries.add(parse(line));
            }
        }
        return entries;
    }

    /** Parses one line of which each character is a byte: other users' mounts may have names in any encoding. */
    static Entry parse(String line) {
        List<String> fields = List.of(line.split(" ", -1));
        int separator = fields.indexOf("-");
        return new Entry(
                fields.get(DEVICE_FIELD),
                PathBytes.toPath(unescape(fields.get(MOUNT_POINT_FIELD))),
                fields.get(separator + 1),
                new String(unescape(fields.get(separator + 2)), PathBytes.CHARSET));
    }

    private static byte[] unescape(String field) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char letter = field.charAt(i);
            if (letter == '\\' && i + OCTAL_DIGITS < field.length()) {
                letters.append((char) Integer.parseInt(field.substring(i + 1, i + 1 + OCTAL_DIGITS), 8));
                i += OCTAL_DIGITS;
            } else {
                letters.append(letter);
            }
        }
        return letters.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
