package io.mdfuse.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The process that serves a mount. It is no child of this process, so its end is found by polling. */
final class ServerProcess {
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Path PROC = Path.of("/proc");

    private ServerProcess() {}

    /** Returns true once the process has ended, false if the process still runs after that time. */
    static boolean awaitEnd(long pid, Duration limit) throws IOException {
        long startNanos = System.nanoTime();
        while (isRunning(pid)) {
            if (System.nanoTime() - startNanos > limit.toNanos()) {
                return false;
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while process " + pid + " was closing the array");
            }
        }
        return true;
    }

    /** True if the process has closed its array, and waits for the alert command to end. */
    static boolean waitsForAlerts(long pid) throws IOException {
        Path threads = PROC.resolve(Long.toString(pid)).resolve("task");
        try (DirectoryStream<Path> each = Files.newDirectoryStream(threads)) {
            for (Path thread : each) {
                if (isNamed(thread, EventDispatcher.LAST_ALERTS_THREAD)) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException ended) {
            return false;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static boolean isNamed(Path thread, String name) {
        try {
            return Files.readString(thread.resolve("comm"), StandardCharsets.ISO_8859_1)
                    .strip()
                    .equals(name);
        } catch (IOException ended) {
            return false;
        }
    }

    /** A zombie, which has ended and waits for its parent, has closed all its files: it counts as ended. */
    private static boolean isRunning(long pid) {
        try {
            byte[] stat = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String text = new String(stat, StandardCharsets.ISO_8859_1);
            return !text.substring(text.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException gone) {
            return false;
        }
    }

    /**
     * Finds the process that serves a mount without a request to the mount, which may not answer: that process has
     * /dev/fuse open, and its last argument is the mount point.
     *
     * @param mountPoint the real path
     * @return the process id; 0 if none is found
     */
    static long find(Path mountPoint) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (serves(process, mountPoint)) {
                    return Long.parseLong(process.getFileName().toString());
                }
            }
        }
        return 0;
    }

    private static boolean serves(Path process, Path mountPoint) {
        try {
            String words = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8);
            List<String> all = List.of(words.split("\0", -1));
            if (!all.contains("mount") || all.size() < 2) {
                return false;
            }
            Path named = Files.readSymbolicLink(process.resolve("cwd"))
                    .resolve(all.get(all.size() - 2))
                    .normalize();
            return named.equals(mountPoint) && hasFuseOpen(process);
        } catch (IOException | InvalidPathException goneOrForbidden) {
            return false;
        }
    }

    private static boolean hasFuseOpen(Path process) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.readSymbolicLink(descriptor).equals(Path.of("/dev/fuse"))) {
                    return true;
                }
            }
            return false;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
