package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Watches what passes over all stripes until it ends: one line that is written over on a terminal, else a line now and
 * then.
 */
final class SyncProgress {
    private static final long LOOK_MILLIS = 200;
    private static final long PLAIN_LINE_MILLIS = 30_000;

    private final MountedVolume volume;
    private final PrintWriter out;
    private final boolean terminal = isTerminal();

    SyncProgress(MountedVolume volume, PrintWriter out) {
        this.volume = volume;
        this.out = out;
    }

    /** Which of the JDK's consoles is in use decides whether there is one where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /**
     * Returns once the pass that is under way is none of those that are awaited.
     *
     * @param awaited is asked md's word for it
     * @return what the array says then
     */
    Map<String, String> await(Predicate<String> awaited) throws IOException, InterruptedException {
        long lastLine = System.nanoTime();
        boolean written = false;
        String told = "none";
        Map<String, String> now = volume.attributes();
        while (awaited.test(now.getOrDefault("sync_action", "idle"))) {
            String trouble = now.getOrDefault("sync_trouble", "none");
            if (!trouble.equals(told) && !trouble.equals("none")) {
                // Once, even if the reason is told with other numbers next time.
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

    /** What the array says a moment later; if it was unmounted meanwhile, how far the pass had come. */
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

    /** How far it is, how fast it goes, and when it will be through. */
    static String line(Map<String, String> now) {
        SyncStatus status = SyncStatus.of(now);
        String text = status.text();
        boolean compares = status.action().equals("check") || status.action().startsWith("repair");
        return status.action()
                + (text.isEmpty() ? "" : ": " + text)
                + (compares ? ", mismatch_cnt " + now.getOrDefault("mismatch_cnt", "0") : "");
    }
}
