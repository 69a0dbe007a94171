package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies of a mount in the mount namespaces of other processes. A new namespace begins with a copy of every mount, and
 * an unmount reaches that copy only if the namespaces propagate. A FUSE session ends only with the last copy.
 */
public final class MountCopies {
    private static final Path PROC = Path.of("/proc");

    private MountCopies() {}

    /**
     * One process of each other namespace that still has the mount, as in {@code bash (process 71)}; empty if none has,
     * or if this user may not see it.
     *
     * @param device the mount's device number, as {@link MountTable.Entry#device} gives it
     */
    public static List<String> of(String device) throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> namespaces = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                Optional<Path> namespace = namespaceWith(process, device);
                if (namespace.isPresent() && !namespaces.contains(namespace.get())) {
                    namespaces.add(namespace.get());
                    found.add(name(process) + " (process " + process.getFileName() + ")");
                }
            }
        }
        return found;
    }

    private static Optional<Path> namespaceWith(Path process, String device) {
        try {
            String mounts = Files.readString(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1);
            return mounts.contains(" " + device + " ")
                    ? Optional.of(Files.readSymbolicLink(process.resolve("ns/mnt")))
                    : Optional.empty();
        } catch (IOException goneOrForbidden) {
            return Optional.empty();
        }
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm"), StandardCharsets.ISO_8859_1)
                    .strip();
        } catch (IOException gone) {
            return "a process";
        }
    }
}
