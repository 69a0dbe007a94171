package io.mdfuse.cli;

import io.mdfuse.raid.event.RecoveryProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows that a mount is replaying a long journal: a line after two seconds, and the next ones at distances that double
 * up to a minute, so that a terminal and a log of systemd both stay readable.
 */
final class ReplayLines implements RecoveryProgress {
    private static final long FIRST_NANOS = 2_000_000_000L;
    private static final long MOST_NANOS = 60_000_000_000L;
    private static final double MIB = 1 << 20;

    private final PrintStream err;
    private final LongSupplier clockNanos;
    private final long startNanos;
    private long waitNanos = FIRST_NANOS;
    private long lineNanos;
    private long replayStartNanos;

    ReplayLines(PrintStream err) {
        this(err, System::nanoTime);
    }

    ReplayLines(PrintStream err, LongSupplier clockNanos) {
        this.err = err;
        this.clockNanos = clockNanos;
        this.startNanos = clockNanos.getAsLong();
        this.lineNanos = startNanos;
    }

    @Override
    public void logRead(long bytes) {
        long now = clockNanos.getAsLong();
        if (isDue(now)) {
            double seconds = (now - startNanos) / 1e9;
            say(String.format(
                    Locale.ROOT, "reading the journal: %.0f MiB, %.0f MiB/s", bytes / MIB, bytes / MIB / seconds));
        }
    }

    @Override
    public void replayed(long stripes, long allStripes) {
        long now = clockNanos.getAsLong();
        if (stripes == 0) {
            replayStartNanos = now;
        } else if (isDue(now)) {
            double perSecond = stripes / ((now - replayStartNanos) / 1e9);
            say(String.format(
                    Locale.ROOT,
                    "replaying the journal: %d %% of %d stripes, %.0f stripes/s, %.0f s left",
                    stripes * 100 / allStripes,
                    allStripes,
                    perSecond,
                    (allStripes - stripes) / perSecond));
        }
    }

    private boolean isDue(long now) {
        if (now - lineNanos < waitNanos) {
            return false;
        }
        lineNanos = now;
        waitNanos = Math.min(MOST_NANOS, 2 * waitNanos);
        return true;
    }

    private void say(String line) {
        err.println("mdfuse: " + line);
        err.flush();
    }
}
