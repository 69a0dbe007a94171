package io.mdfuse.cli;

import java.util.Locale;
import java.util.Map;

/**
 * Progress, speed and remaining time of a resync, rebuild, check or repair, from an array's attributes.
 *
 * @param action md's name of the pass; {@code idle} if none is under way
 * @param passedSectors how many sectors of each member the pass has completed
 * @param allSectors how many sectors of each member the pass covers; 0 if that is not known
 * @param kibPerSecond the recent speed, of each member; 0 if that is not known yet
 */
record SyncStatus(String action, long passedSectors, long allSectors, long kibPerSecond) {
    static SyncStatus of(Map<String, String> attributes) {
        String[] completed = attributes.getOrDefault("sync_completed", "none").split(" / ", -1);
        boolean known = completed.length == 2 && isNumber(completed[0]) && isNumber(completed[1]);
        String speed = attributes.getOrDefault("sync_speed", "none");
        return new SyncStatus(
                attributes.getOrDefault("sync_action", "idle"),
                known ? Long.parseLong(completed[0]) : 0,
                known ? Long.parseLong(completed[1]) : 0,
                isNumber(speed) ? Long.parseLong(speed) : 0);
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    boolean isIdle() {
        return action.equals("idle");
    }

    /**
     * The word of /proc/mdstat for the pass: {@code recovery}, {@code check} or {@code resync}, which stands for a
     * repair too.
     */
    String mdWord() {
        return switch (action) {
            case "recover" -> "recovery";
            case "check" -> "check";
            default -> "resync";
        };
    }

    /** How much is done, in thousandths, rounded down as md does. */
    int perMille() {
        return allSectors == 0 ? 0 : (int) Math.min(1000, passedSectors * 1000 / allSectors);
    }

    /** How long the rest takes at the recent speed, which must be known. */
    long secondsLeft() {
        return (allSectors - passedSectors) / 2 / kibPerSecond;
    }

    /** Such as {@code 12.5% complete, 80.3 MiB/s of each device, finish in 0:12:07}; empty if nothing is known. */
    String text() {
        if (isIdle() || allSectors == 0) {
            return "";
        }
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "%.1f%% complete", 100.0 * passedSectors / allSectors));
        if (kibPerSecond > 0) {
            long seconds = secondsLeft();
            text.append(String.format(
                    Locale.ROOT,
                    ", %.1f MiB/s of each device, finish in %d:%02d:%02d",
                    kibPerSecond / 1024.0,
                    seconds / 3600,
                    seconds / 60 % 60,
                    seconds % 60));
        }
        return text.toString();
    }
}
