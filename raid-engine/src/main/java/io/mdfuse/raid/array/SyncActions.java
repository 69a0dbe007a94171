package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.sync.LazySync;
import io.mdfuse.raid.sync.Mismatch;
import io.mdfuse.raid.sync.MismatchText;
import io.mdfuse.raid.sync.Rebuild;
import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import io.mdfuse.raid.sync.ScrubAction;
import io.mdfuse.raid.sync.ScrubFindings;
import io.mdfuse.raid.sync.SyncPace;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that show and control the background passes, with the names and values of md's sysfs. "set" says how
 * an attribute can be set.
 *
 * <pre>
 *   sync_action      resync | recover | check | repair | repair-force | repair-parity | frozen | idle
 *                    set: all except resync; for a read-only array only check, idle and frozen
 *   sync_completed   sectors of each member that are done / all sectors, or none
 *   sync_speed       KiB per second of each member, or none
 *   sync_speed_min, sync_speed_max                                       set: KiB per second
 *   sync_trouble     not in md: where a resync left parity in doubt, or why a rebuild stopped; or none
 *   sync_min         where the next check or repair starts               set: a sector of the members
 *   sync_max         where a check or repair waits, or max              set: max, or a sector, a multiple of the chunk
 *   mismatch_cnt     sectors of stripes with a mismatch, as md counts them
 *   last_sync_action; not in md: last_sync_result, mismatch_unrepaired, mismatch_repair, unreadable_cnt, mismatches
 * </pre>
 *
 * {@code idle} and {@code frozen} end a scrub. {@code frozen} also ends a rebuild, and no rebuild starts until another
 * value is set and accepted. {@code recover} also restarts a rebuild that stopped because of a lost stripe. A resync is
 * ended by none of them, and while one runs, it is what {@code sync_action} shows.
 */
final class SyncActions {
    private SyncActions() {}

    /**
     * Sets {@code sync_action}.
     *
     * @throws IllegalArgumentException if it can't have that value
     * @throws IOException if a resync runs, or the array is read-only and does not allow the action
     */
    static void set(BackgroundPasses passes, String word) throws IOException {
        Resync resync = passes.resync();
        if (word.equals("frozen")) {
            passes.rebuilds().freeze();
            stop(passes.scrub());
            return;
        }
        if (word.equals("idle")) {
            stop(passes.scrub());
            passes.rebuilds().thaw();
            return;
        }
        if (word.equals("recover")) {
            passes.rebuilds().retry();
            return;
        }
        ScrubAction action = ScrubAction.named(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sync_action is check, repair, repair-force, repair-parity, recover, idle or frozen, not "
                                + word));
        if (resync != null && resync.underWay()) {
            throw refused("a resync is in progress: there is nothing to compare until it has finished");
        }
        passes.scrub().start(action);
        passes.rebuilds().thaw();
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    private static void stop(Scrub scrub) throws IOException {
        try {
            scrub.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the scrub ended", e);
        }
    }

    /**
     * Parses a speed in KiB per second.
     *
     * @throws IllegalArgumentException if it is not a number of at least 1
     */
    static int speed(String value) {
        if (value.matches("[0-9]{1,10}")) {
            long kibPerSecond = Long.parseLong(value);
            if (kibPerSecond > 0 && kibPerSecond <= Integer.MAX_VALUE) {
                return (int) kibPerSecond;
            }
        }
        throw new IllegalArgumentException(
                "a speed is a number of KiB per second from 1 to " + Integer.MAX_VALUE + ", not " + value);
    }

    /**
     * Parses the number of a sector.
     *
     * @throws IllegalArgumentException if it is not a number
     */
    static long sector(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(value + " is not the number of a sector", e);
        }
    }

    /** Adds the attributes. */
    static void describe(Map<String, String> attributes, MismatchText text, BackgroundPasses passes) {
        Resync resync = passes.resync();
        Scrub scrub = passes.scrub();
        Rebuild rebuild = passes.rebuilds().newest();
        boolean frozen = passes.rebuilds().isFrozen();
        ScrubAction running = scrub.running();
        SyncPaces paces = passes.paces();
        LazySyncScheduler lazySyncs = passes.lazySyncs();
        LazySync lazySync = lazySyncs == null ? null : lazySyncs.newest();
        if (resync != null && resync.underWay()) {
            describePass(attributes, "resync", resync.progress(), paces.resync());
        } else if (!frozen && rebuild != null && rebuild.underWay()) {
            describePass(attributes, "recover", rebuild.progress(), paces.rebuild());
        } else if (lazySync != null && lazySync.underWay()) {
            describePass(attributes, "resync", lazySync.progress(), paces.resync());
        } else if (frozen) {
            // A pass that is still stopping is not shown.
            describePass(attributes, "frozen", "none", null);
        } else if (running != null) {
            describePass(attributes, running.mdName(), scrub.progress(), paces.scrub());
        } else {
            describePass(attributes, "idle", "none", null);
        }
        attributes.put("sync_speed_min", Integer.toString(paces.any().minKibPerSecond()));
        attributes.put("sync_speed_max", Integer.toString(paces.any().maxKibPerSecond()));
        attributes.put("sync_trouble", trouble(resync, passes.rebuilds()));
        describeFindings(attributes, text, scrub);
    }

    private static void describePass(
            Map<String, String> attributes, String action, String completed, @Nullable SyncPace pace) {
        attributes.put("sync_action", action);
        attributes.put("sync_completed", completed);
        attributes.put("sync_speed", pace == null ? "none" : Long.toString(pace.kibPerSecond()));
    }

    private static String trouble(@Nullable Resync resync, RebuildControl rebuilds) {
        if (resync != null && !resync.trouble().isEmpty()) {
            return resync.trouble();
        }
        Rebuild rebuild = rebuilds.newest();
        if (rebuild != null && !rebuild.trouble().isEmpty()) {
            return rebuild.trouble();
        }
        return rebuilds.holdsBackRebuilds() ? MemberOutcomeText.FROZEN : "none";
    }

    private static void describeFindings(Map<String, String> attributes, MismatchText text, Scrub scrub) {
        ScrubFindings findings = scrub.findings();
        attributes.put("sync_min", Long.toString(scrub.nextFrom()));
        long limit = scrub.limitSector();
        attributes.put("sync_max", limit == Long.MAX_VALUE ? "max" : Long.toString(limit));
        attributes.put("last_sync_action", scrub.lastAction());
        attributes.put("last_sync_result", scrub.lastResult());
        attributes.put("mismatch_cnt", Long.toString(findings.mismatchSectors()));
        attributes.put("mismatch_unrepaired", Long.toString(findings.unrepairedSectors()));
        attributes.put("unreadable_cnt", Long.toString(findings.unreadableSectors()));
        attributes.put(
                "mismatch_repair",
                findings.repairText().isEmpty() ? "none" : findings.repairText().substring(2));
        StringBuilder places = new StringBuilder();
        for (Mismatch mismatch : findings.mismatches()) {
            places.append(text.of(mismatch)).append('\n');
        }
        if (findings.hasMoreMismatches()) {
            places.append("and more\n");
        }
        attributes.put("mismatches", places.toString().stripTrailing());
    }
}
