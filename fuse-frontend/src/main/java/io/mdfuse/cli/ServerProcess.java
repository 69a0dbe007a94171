package io.mdfuse.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The process behind a mount, as one that is no child of ours: its end is seen by looking. */
final class ServerProcess {
    private static final Duration POLL = Duration.ofMillis(10);

    private ServerProcess() {}

    /** Returns once the process has ended. It takes as long as the array needs to write what is left to write. */
    static void awaitEnd(long pid) throws IOException {
        while (isRunning(pid)) {
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while process " + pid + " was closing the array");
            }
        }
    }

    /** A process that ended and waits for its parent to take note has closed everything: it counts as ended. */
    private static boolean isRunning(long pid) {
        try {
            byte[] stat = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat"));
            String text = new String(stat, StandardCharsets.ISO_8859_1);
            return !text.substring(text.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException gone) {
            return false;
        }
    }
}
