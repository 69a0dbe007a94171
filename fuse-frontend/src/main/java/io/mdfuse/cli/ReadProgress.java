package io.mdfuse.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** Shows on a terminal how much has been read and how long the rest will take, in one line that is overwritten. */
final class ReadProgress {
    private static final long STEP_NANOS = 500_000_000;

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
        if (!terminal || now - shownNanos < STEP_NANOS || part <= 0) {
            return;
        }
        shownNanos = now;
        shown = true;
        double seconds = (now - startNanos) / 1e9 / part * (1 - part);
        err.print(String.format(Locale.ROOT, "\rreading: %.0f %%, %.0f s left   ", part * 100, seconds));
        err.flush();
    }

    void end() {
        if (shown) {
            err.print("\r" + " ".repeat(40) + "\r");
            err.flush();
        }
    }
}
