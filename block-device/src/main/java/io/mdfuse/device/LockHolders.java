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
 * Finds the process that has a file locked or a device open, so that a refusal can name the process. It reads what
 * /proc tells and opens none of the files, so that it can't hang on one. Another user's processes can be looked into by
 * root only.
 */
final class LockHolders {
    private static final Path PROC = Path.of("/proc");
    private static final int LOCKS_PROCESS = 4;
    private static final int LOCKS_FILE = 5;
    private static final String MDFUSE_CLASS = "io.mdfuse.cli.Mdfuse";

    /** What to do about a process that no more is known of. */
    static final String STOP_FIRST = "; stop that first";

    private LockHolders() {}

    /**
     * The process that holds a lock on the file, and what to do about it, such as {@code qemu-nbd (process 123); stop
     * that first}; null if it can't be told.
     *
     * <p>A process's fdinfo tells its locks of every kind. /proc/locks tells any user of each lock on the machine, but
     * of those that belong to an open file description not whose it is.
     *
     * @param own a descriptor of this process that does not count
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
     * A process that has the device's node open, and what to do about it; null if none can be seen.
     *
     * @param own a descriptor of this process that does not count, or one below 0
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

    /** A line is: number, kind, ADVISORY, READ or WRITE, process, {@code major:minor:inode}, start, end. */
    private static @Nullable String fromLockTable(DeviceIdentity identity) {
        String inode = ":" + identity.inode();
        for (String line : lines(PROC.resolve("locks"))) {
            List<String> fields = List.of(line.strip().split("\\s+", -1));
            // A line with an arrow tells of a process that waits.
            if (fields.size() > LOCKS_FILE
                    && !fields.contains("->")
                    && fields.get(LOCKS_FILE).endsWith(inode)
                    && !fields.get(LOCKS_PROCESS).startsWith("-")) {
                return describe(fields.get(LOCKS_PROCESS));
            }
        }
        return null;
    }

    /** The process, and the command that ends it if it is an mdfuse that serves an array. */
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
        return mountPoint == null
                ? name + STOP_FIRST
                : name + ", which serves it on " + mountPoint + "; end that first: mdfuse umount " + mountPoint;
    }

    /**
     * The last word of a mount's command line, seen from that process's working directory; null if that can't be known.
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

    private static List<Path> list(Path directory, String pattern) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, pattern)) {
            stream.forEach(entries::add);
        } catch (IOException | DirectoryIteratorException goneOrForbidden) {
            return entries;
        }
        return entries;
    }

    /** Any byte is a letter in this charset: a command line need not be text. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException goneOrForbidden) {
            return List.of();
        }
    }
}
