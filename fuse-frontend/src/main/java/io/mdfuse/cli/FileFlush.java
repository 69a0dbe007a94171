package io.mdfuse.cli;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Flushes a mounted volume with a time limit. A process whose fsync waits for a FUSE server that does not answer can't
 * be ended by any signal; so another process, sync(1), makes that call and can be abandoned.
 */
final class FileFlush {
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

    private FileFlush() {}

    /** How the flush ended. */
    enum Outcome {
        DONE,
        FAILED,
        STILL_WAITING
    }

    /** @param err receives a line from time to time while the flush takes long */
    static Outcome of(Path file, Duration limit, PrintWriter err) throws IOException {
        Process sync;
        try {
            sync = new ProcessBuilder("sync", file.toString())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(new File("/dev/null"))
                    .start();
        } catch (IOException noSuchProgram) {
            return here(file);
        }
        try {
            for (long waited = 0; waited < limit.toSeconds(); waited += LINE_INTERVAL.toSeconds()) {
                long seconds = Math.min(LINE_INTERVAL.toSeconds(), limit.toSeconds() - waited);
                if (sync.waitFor(seconds, TimeUnit.SECONDS)) {
                    return sync.exitValue() == 0 ? Outcome.DONE : Outcome.FAILED;
                }
                err.println("mdfuse: " + file + ": still waiting for the devices to take what was written ("
                        + (waited + seconds) + " s of " + limit.toSeconds() + ")");
                err.flush();
            }
            return Outcome.STILL_WAITING;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + file + " was flushed");
        }
    }

    private static Outcome here(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(false);
            return Outcome.DONE;
        } catch (IOException e) {
            return Outcome.FAILED;
        }
    }
}
