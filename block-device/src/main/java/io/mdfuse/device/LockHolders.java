package io.mdfuse.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the process that has locked a file or opened a device, so that a refusal can name the process. The class reads
 * /proc and opens none of the files that the processes have open, so it can't hang on one of them. Only root can look
 * into processes of other users.
 */
final class LockHolders {
    private static final Path PROC = Path.of("/proc");
    private static final int LOCKS_PROCESS = 4;
    private static final int LOCKS_FILE = 5;
    private static final String MDFUSE_CLASS = "io.mdfuse.cli.Mdfuse";

    /** The advice for a process of which no more than its name is known. */
    static final String STOP_FIRST = "; stop that first";

    private LockHolders() {}

    /**
     * The process that holds a lock on the file, and what the user can do, such as {@code qemu-nbd (process 123); stop
     * that first}; null if the process can't be found.
     *
     * <p>The fdinfo of a process lists its locks of every kind. /proc/locks lists every lock on the machine for any
     * user, but names no process for a lock that belongs to an open file description.
     *
     * @param own a descriptor of this process that is not considered
     */
    static @Nullable String ofFile(DeviceIdentity identity, int own) {
        String inode = ":" + identity.inode() + " ";
        String holder = firstProcess(
                own,
                (process, descriptor) -> lines(process.resolve("fdinfo/" + descriptor)).stream()
                        .anyMatch(line -> line.startsWith("lock:") && line.contains(inode)));
        return holder != null ? holder : fromLockTable(identity);
    }

    /**
     * A process that has opened the device's node, and what the user can do; null if none can be found.
     *
     * @param own a descriptor of this process that is not considered; negative if there is none
     */
    static @Nullable String ofNode(Path node, int own) {
        Path real;
        try {
            real = node.toRealPath();
        } catch (IOException gone) {
            return null;
        }
        return firstProcess(own, (process, descriptor) -> leadsTo(process.resolve("fd/" + descriptor), real));
    }

    private static @Nullable String firstProcess(int own, BiPredicate<Path, String> hasDescriptor) {
        Path ownDescriptor = PROC.resolve(ProcessHandle.current().pid() + "/fd/" + own);
        for (Path process : list(PROC, "[0-9]*")) {
            for (Path descriptor : list(process.resolve("fd"), "*")) {
                if (!descriptor.equals(ownDescriptor)
                        && hasDescriptor.test(process, String.valueOf(descriptor.getFileName()))) {
                    return describe(String.valueOf(process.getFileName()));
                }
            }
        }
        return null;
    }

    private static boolean leadsTo(Path link, Path target) {
        try {
            return Files.readSymbolicLink(link).equals(target);
        } catch (IOException | RuntimeException goneOrForbidden) {
            return false;
        }
    }

    /** The fields of a line: number, kind, ADVISORY, READ or WRITE, process, {@code major:minor:inode}, start, end. */
    private static @Nullable String fromLockTable(DeviceIdentity identity) {
        String inode = ":" + identity.inode();
        for (String line : lines(PROC.resolve("locks"))) {
            List<String> fields = List.of(line.strip().split("\\s+", -1));
            // A line with an arrow is a process that waits for the lock.
            if (fields.size() > LOCKS_FILE
                    && !fields.contains("->")
                    && fields.get(LOCKS_FILE).endsWith(inode)
                    && !fields.get(LOCKS_PROCESS).startsWith("-")) {
                return describe(fields.get(LOCKS_PROCESS));
            }
        }
        return null;
    }

    /** The name and number of the process, and what to do; for an mdfuse that serves an array the umount command. */
    private static String describe(String process) {
        Path directory = PROC.resolve(process);
        List<String> words = lines(directory.resolve("cmdline")).stream()
                .flatMap(line -> List.of(line.split("\0", -1)).stream())
                .filter(word -> !word.isEmpty())
                .toList();
        boolean mdfuse = words.contains(MDFUSE_CLASS);
        List<String> command = mdfuse ? List.of("mdfuse") : lines(directory.resolve("comm"));
        String name = (command.isEmpty() ? "a process" : command.getFirst()) + " (process " + process + ")";
        String mountPoint = mdfuse && words.contains("mount") ? mountPoint(directory, words.getLast()) : null;
        if (mountPoint == null) {
            return name + STOP_FIRST;
        }
        return isUnmounted(directory, mountPoint)
                ? name + ", which is not mounted on " + mountPoint + " any more and closes it when the last user of its"
                        + " file has gone; end it now with: kill " + process
                : name + ", which serves it on " + mountPoint + "; end that first: mdfuse umount " + mountPoint;
    }

    /**
     * The mount point of an mdfuse mount: the last word of its command line, resolved against its working directory;
     * null if that can't be read.
     */
    private static @Nullable String mountPoint(Path process, String lastWord) {
        try {
            Path word = Path.of(new String(lastWord.getBytes(StandardCharsets.ISO_8859_1), PathBytes.CHARSET));
            return word.isAbsolute()
                    ? word.toString()
                    : Files.readSymbolicLink(process.resolve("cwd"))
                            .resolve(word)
                            .normalize()
                            .toString();
        } catch (IOException | InvalidPathException goneOrForbidden) {
            return null;
        }
    }

    /** Whether the process sees no mount there, after an umount --lazy; false if its mounts can't be read. */
    private static boolean isUnmounted(Path process, String mountPoint) {
        List<String> mounts = lines(process.resolve("mountinfo"));
        // The kernel writes blanks, tabs, line feeds and backslashes of a path in octal.
        String escaped = new String(mountPoint.getBytes(PathBytes.CHARSET), StandardCharsets.ISO_8859_1)
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
        return !mounts.isEmpty() && mounts.stream().noneMatch(line -> line.contains(" " + escaped + " "));
    }

    private static List<Path> list(Path directory, String pattern) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, pattern)) {
            stream.forEach(entries::add);
        } catch (IOException | DirectoryIteratorException goneOrForbidden) {
            return entries;
        }
        return entries;
    }

    /** The lines of a file, one character for each byte: a command line need not be valid text. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException goneOrForbidden) {
            return List.of();
        }
    }
}
