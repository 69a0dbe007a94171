package io.mdfuse.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows how much has been read and how long the rest will take: a line that is overwritten on a terminal, otherwise a
 * line each 30 seconds.
 */
final class ReadProgress {
    private static final long TERMINAL_NANOS = 500_000_000L;
    private static final long PLAIN_NANOS = 30_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal = Terminal.isThere();
    private final long startNanos = System.nanoTime();
    private long shownNanos = startNanos;
    private boolean shown;

    ReadProgress(PrintWriter err) {
        this.err = err;
    }

    /** @param part how much is done, from 0 to 1 */
    void show(double part) {
        long now = System.nanoTime();
        if (now - shownNanos < (terminal ? TERMINAL_NANOS : PLAIN_NANOS) || part <= 0) {
            return;
        }
        shownNanos = now;
        shown = true;
        double seconds = (now - startNanos) / 1e9 / part * (1 - part);
        String line = String.format(Locale.ROOT, "reading: %.0f %%, %.0f s left", part * 100, seconds);
        err.print(terminal ? "\r" + line + "   " : line + System.lineSeparator());
        err.flush();
    }

    void end() {
        if (shown && terminal) {
            err.print("\r" + " ".repeat(40) + "\r");
            err.flush();
        }
    }
}
