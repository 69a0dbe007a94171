package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows how far an export or a healing of images is: a line that is overwritten on a terminal, otherwise a line each 30
 * seconds.
 */
final class ExportProgress {
    private static final long TERMINAL_NANOS = 500_000_000L;
    private static final long PLAIN_NANOS = 30_000_000_000L;

    private final PrintWriter err;
    private final long sizeBytes;
    private final boolean terminal = Terminal.isThere();
    private final long startNanos = System.nanoTime();
    private long lineNanos = startNanos;
    private boolean written;
    private boolean lossSaid;

    ExportProgress(PrintWriter err, long sizeBytes) {
        this.err = err;
        this.sizeBytes = sizeBytes;
    }

    /** Everything before this position is done. */
    void at(long bytes, long unreadableBytes) {
        long now = System.nanoTime();
        boolean end = bytes == sizeBytes;
        if (now - lineNanos < (terminal ? TERMINAL_NANOS : PLAIN_NANOS) && !(end && written)) {
            return;
        }
        lineNanos = now;
        double seconds = Math.max(0.001, (now - startNanos) / 1e9);
        String line = String.format(
                Locale.ROOT,
                "%.1f of %.1f MiB (%d%%), %.0f MiB/s, %d s left, %d bytes can't be read",
                bytes / 1048576.0,
                sizeBytes / 1048576.0,
                (int) (100.0 * bytes / sizeBytes),
                bytes / 1048576.0 / seconds,
                (long) ((sizeBytes - bytes) * seconds / bytes),
                unreadableBytes);
        err.print((terminal ? "\r" : "") + line + (terminal && !end ? "   " : "\n"));
        err.flush();
        written = terminal;
    }

    /** A sector can't be read; the first one is said. */
    void lost(long offsetBytes, IOException why) {
        if (!lossSaid) {
            err.println((written ? "\n" : "") + "byte " + offsetBytes + " can't be read: " + why.getMessage()
                    + "; the map will have all such places");
            err.flush();
            lossSaid = true;
        }
    }
}
