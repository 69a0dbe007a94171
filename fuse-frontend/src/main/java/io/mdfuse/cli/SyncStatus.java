package io.mdfuse.cli;

import java.util.Locale;
import java.util.Map;

/**
 * Progress, speed and remaining time of a resync, rebuild, check or repair, from an array's attributes.
 *
 * @param action md's name of the pass; {@code idle} or {@code frozen} if none is under way
 * @param passedSectors how many sectors of each member the pass has completed
 * @param allSectors how many sectors of each member the pass covers; 0 if that is not known
 * @param kibPerSecond the recent speed, of each member; 0 if that is not known yet
 * @param waits whether a check or repair has come to {@code sync_max} and waits there
 */
record SyncStatus(String action, long passedSectors, long allSectors, long kibPerSecond, boolean waits) {
    static SyncStatus of(Map<String, String> attributes) {
        String[] completed = attributes.getOrDefault("sync_completed", "none").split(" / ", -1);
        boolean known = completed.length == 2 && isNumber(completed[0]) && isNumber(completed[1]);
        String speed = attributes.getOrDefault("sync_speed", "none");
        String action = attributes.getOrDefault("sync_action", "idle");
        String limit = attributes.getOrDefault("sync_max", "max");
        long passed = known ? Long.parseLong(completed[0]) : 0;
        long all = known ? Long.parseLong(completed[1]) : 0;
        boolean atLimit = known && passed < all && isNumber(limit) && passed >= Long.parseLong(limit);
        return new SyncStatus(
                action, passed, all, isNumber(speed) ? Long.parseLong(speed) : 0, atLimit && compares(action));
    }

    /** Whether a pass of this name is a check or a repair. */
    static boolean compares(String action) {
        return action.equals("check") || action.startsWith("repair");
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    /** Whether no pass is under way: also while rebuilds are frozen. */
    boolean isIdle() {
        return action.equals("idle") || action.equals("frozen");
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

    /**
     * Such as {@code 12.5% complete, 80.3 MiB/s of each device, finish in 0:12:07}, or {@code 12.5% complete, waits at
     * sync_max}; empty if nothing is known.
     */
    String text() {
        if (isIdle() || allSectors == 0) {
            return "";
        }
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "%.1f%% complete", 100.0 * passedSectors / allSectors));
        if (waits) {
            text.append(", waits at sync_max");
        } else if (kibPerSecond > 0) {
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
