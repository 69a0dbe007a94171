package io.mdfuse.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** Watches a check or repair until it ends: one line that is written over on a terminal, else a line now and then. */
final class ScrubProgress {
    private static final long LOOK_MILLIS = 200;
    private static final long PLAIN_LINE_MILLIS = 30_000;

    private final MountedVolume volume;
    private final PrintWriter out;
    private final String action;
    private final boolean terminal;

    ScrubProgress(MountedVolume volume, PrintWriter out, String action) {
        this.volume = volume;
        this.out = out;
        this.action = action;
        this.terminal = isTerminal();
    }

    /** Which of the JDK's consoles is in use decides whether there is one where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    void awaitEnd() throws IOException, InterruptedException {
        long lastLine = System.nanoTime();
        boolean written = false;
        for (Map<String, String> now = volume.attributes();
                now.getOrDefault("sync_action", "idle").equals(action);
                now = volume.attributes()) {
            long sinceLine = (System.nanoTime() - lastLine) / 1_000_000;
            if (terminal) {
                out.print("\r" + line(action, now) + "   ");
                out.flush();
                written = true;
            } else if (sinceLine >= PLAIN_LINE_MILLIS) {
                out.println(line(action, now));
                out.flush();
                lastLine = System.nanoTime();
            }
            Thread.sleep(LOOK_MILLIS);
        }
        if (written) {
            out.println();
        }
    }

    /** How far it is, how fast it goes, and when it will be through. */
    static String line(String action, Map<String, String> now) {
        String[] words = now.getOrDefault("sync_completed", "none").split(" / ", -1);
        if (words.length != 2) {
            return action;
        }
        double passed = Double.parseDouble(words[0]);
        double all = Double.parseDouble(words[1]);
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "%s: %.1f%%", action, all == 0 ? 100 : passed / all * 100));
        String speed = now.getOrDefault("sync_speed", "none");
        if (!speed.equals("none") && !speed.equals("0")) {
            double seconds = (all - passed) / 2 / Long.parseLong(speed);
            line.append(String.format(
                    Locale.ROOT,
                    ", %.1f MiB/s of each device, %.1f min left",
                    Long.parseLong(speed) / 1024.0,
                    seconds / 60));
        }
        return line.append(", mismatch_cnt ")
                .append(now.getOrDefault("mismatch_cnt", "0"))
                .toString();
    }
}
