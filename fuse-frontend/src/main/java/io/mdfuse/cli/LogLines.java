package io.mdfuse.cli;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.PrintStream;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The program's log, one line for each thing that happened. Any thread may write to it.
 *
 * <pre>
 *   when                            warnings and errors                         all else
 *   until a mount can be used       "mdfuse: TEXT" on standard error, kept      kept
 *   from then on                    "TIME LEVEL TEXT" on standard error, which may be the file of --log
 * </pre>
 *
 * So a mount prints only the lines that concern its user. The lines that were kept are the beginning of the log.
 */
final class LogLines {
    /** More lines than any start logs; a line beyond this number is shown, but not kept. */
    private static final int MOST_KEPT = 1000;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");

    private static final LogLines OF_THIS_PROCESS = new LogLines(System.err);

    private record Kept(String line, boolean shown) {}

    private final RankedLock lock = new RankedLock(LockRank.LOG_LINES);
    private final PrintStream err;
    private final Queue<Kept> kept = new ArrayDeque<>();
    private boolean serving;

    LogLines(PrintStream err) {
        this.err = err;
    }

    static LogLines ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    /** @param failure a fault of the program, whose stack trace is logged too; null for any other line */
    void write(Level level, String text, @Nullable Throwable failure) {
        try (RankedLock.Held _ = lock.acquire()) {
            String line = OffsetDateTime.now(ZoneId.systemDefault()).format(TIME) + " " + level + " " + text;
            if (serving) {
                err.println(line);
            } else {
                boolean shown = level.compareTo(Level.WARN) <= 0;
                if (shown) {
                    err.println("mdfuse: " + text);
                }
                if (kept.size() < MOST_KEPT) {
                    kept.add(new Kept(line, shown));
                }
            }
            if (failure != null) {
                failure.printStackTrace(err);
            }
            err.flush();
        }
    }

    /**
     * Gives lines a time and a level from now on, and writes the kept lines first.
     *
     * @param elsewhere true if standard error was redirected to another file, which does not contain the lines that
     *     were shown
     */
    void serve(boolean elsewhere) {
        try (RankedLock.Held _ = lock.acquire()) {
            serving = true;
            for (Kept line : kept) {
                if (elsewhere || !line.shown()) {
                    err.println(line.line());
                }
            }
            kept.clear();
            err.flush();
        }
    }
}
