package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Shows the progress of a pass over all stripes until it ends: one line that is overwritten on a terminal, otherwise a
 * new line from time to time.
 */
final class SyncProgress {
    private static final long LOOK_MILLIS = 200;
    private static final long PLAIN_LINE_MILLIS = 30_000;

    private final MountedVolume volume;
    private final PrintWriter out;
    private final boolean terminal = Terminal.isThere();

    SyncProgress(MountedVolume volume, PrintWriter out) {
        this.volume = volume;
        this.out = out;
    }

    /**
     * Waits until no pass of the awaited kinds is under way.
     *
     * @param awaited decides by md's name of the pass whether it is awaited
     * @return the array's attributes after that
     */
    Map<String, String> await(Predicate<String> awaited) throws IOException, InterruptedException {
        long lastLine = System.nanoTime();
        boolean written = false;
        String told = "none";
        Map<String, String> now = volume.attributes();
        while (awaited.test(now.getOrDefault("sync_action", "idle"))) {
            String trouble = obstacle(now);
            if (!trouble.equals(told) && !trouble.equals("none")) {
                // Printed once, even if the numbers in the reason change.
                boolean first = told.equals("none");
                told = trouble;
                if (first) {
                    out.println((written ? "\n" : "") + line(now) + "; " + trouble);
                    out.flush();
                    lastLine = System.nanoTime();
                }
            }
            long sinceLine = (System.nanoTime() - lastLine) / 1_000_000;
            if (terminal) {
                out.print("\r" + line(now) + "   ");
                out.flush();
                written = true;
            } else if (sinceLine >= PLAIN_LINE_MILLIS) {
                out.println(line(now));
                out.flush();
                lastLine = System.nanoTime();
            }
            Thread.sleep(LOOK_MILLIS);
            now = next(now);
        }
        if (written) {
            out.println();
        }
        return now;
    }

    /**
     * The array's attributes a moment later; if the array was unmounted meanwhile, fails with how far the pass had
     * come.
     */
    private Map<String, String> next(Map<String, String> before) throws IOException {
        try {
            return volume.attributes();
        } catch (IOException e) {
            if (volume.isMounted()) {
                throw e;
            }
            throw new MountException(volume.mountPoint() + " was unmounted before the end of this: " + line(before));
        }
    }

    /** Why the pass does not go on, and what to do; {@code none} if it does. */
    static String obstacle(Map<String, String> now) {
        String trouble = now.getOrDefault("sync_trouble", "none");
        return trouble.equals("none") && SyncStatus.of(now).waits()
                ? "to let it go on: setfattr -n user.md.sync_max -v max FILE, FILE being the array's"
                : trouble;
    }

    /** Progress, speed and remaining time. */
    static String line(Map<String, String> now) {
        SyncStatus status = SyncStatus.of(now);
        String text = status.text();
        return status.action()
                + (text.isEmpty() ? "" : ": " + text)
                + (SyncStatus.compares(status.action())
                        ? ", mismatch_cnt " + now.getOrDefault("mismatch_cnt", "0")
                        : "");
    }
}
