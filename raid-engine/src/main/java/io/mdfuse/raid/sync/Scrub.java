package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops the passes that compare the blocks of every stripe while the array is in use: md's check and repair.
 * Each is a {@link ScrubPass}; this class keeps what outlives one: its result, its findings, and the stripe at which
 * the next starts.
 *
 * <pre>
 *   IDLE ──start()──▶ RUNNING ──all stripes passed──▶ IDLE      (the next starts at the first stripe)
 *                       │ stop(), or a member is lost
 *                       └──────────▶ IDLE                       (the same action continues at that stripe)
 * </pre>
 *
 * <p>May be called by any thread. Its lock guards its fields, and is not held while a pass is stopped or started.
 */
public final class Scrub {
    private final RankedLock lock = new RankedLock(LockRank.SCRUB);
    private final ScrubParts parts;
    private final ScrubCondition condition;
    private final ScrubFindings findings;

    private @Nullable ScrubPass pass;
    private @Nullable ScrubAction unfinished;
    private String lastAction = "none";
    private String lastResult = "none";
    private long nextFrom;
    private volatile long limitSector = Long.MAX_VALUE;

    /** Reads nothing before {@link #start}. */
    public Scrub(ScrubParts parts) {
        this.parts = parts;
        PassParts common = parts.pass();
        this.condition = new ScrubCondition(
                common.geometry(), common.members(), parts.syncPosition(), parts.writePath() == null);
        this.findings = new ScrubFindings(common.geometry().chunkSectors());
    }

    /**
     * Starts a pass in the background. The same action that was stopped before continues where it stopped.
     *
     * @throws ArrayRefusedException if there is nothing to compare, or a pass is under way
     */
    public void start(ScrubAction action) throws IOException {
        ScrubPass started;
        try (RankedLock.Held _ = lock.acquire()) {
            requireIdle();
            if (parts.writePath() == null && action.repairs()) {
                throw refused(
                        "the array is mounted read-only: a check finds what does not fit, and nothing is repaired");
            }
            int missing = condition.requireComparable();
            if (action != unfinished) {
                nextFrom = unfinished == null ? nextFrom : 0;
                findings.clear(action);
            }
            started = new ScrubPass(
                    parts,
                    action,
                    new ScrubPass.Start(nextFrom, missing, this::limitSector),
                    condition,
                    findings,
                    this::ended);
            pass = started;
            unfinished = action;
        }
        parts.executor().execute(started);
    }

    private void requireIdle() throws ArrayRefusedException {
        if (pass != null) {
            throw refused("a " + pass.action().mdName() + " is under way");
        }
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    private void ended(ScrubPass ended, PassOutcome outcome) {
        try (RankedLock.Held _ = lock.acquire()) {
            boolean done = outcome.state() == PassState.DONE;
            lastAction = ended.action().mdName();
            lastResult = switch (outcome.state()) {
                case DONE -> "done";
                case STOPPED -> "stopped at sector " + outcome.sector();
                default -> outcome.text();
            };
            nextFrom = done ? 0 : ended.positionSector();
            limitSector = done ? Long.MAX_VALUE : limitSector;
            unfinished = done ? null : ended.action();
            pass = null;
        }
    }

    /**
     * Ends a pass at the stripe it has reached; returns once it reads and writes no stripe any more. No effect if none
     * is under way.
     */
    public void stop() throws InterruptedException {
        ScrubPass running = pass();
        if (running != null) {
            running.stop();
        }
    }

    private @Nullable ScrubPass pass() {
        try (RankedLock.Held _ = lock.acquire()) {
            return pass;
        }
    }

    /** Makes the next pass start at this stripe, with its count at 0: md's sync_min. */
    public void startNextFrom(long stripeSector) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireIdle();
            if (stripeSector < 0 || stripeSector >= parts.pass().geometry().memberSectors()) {
                throw new IllegalArgumentException("the members have no sector " + stripeSector);
            }
            if (stripeSector > limitSector) {
                throw new IllegalArgumentException("sync_min can't be behind sync_max, which is " + limitSector);
            }
            nextFrom = Sectors.roundDown(stripeSector, Sectors.PER_BLOCK);
            unfinished = null;
        }
    }

    /**
     * Makes a pass wait at this sector, the pass under way too: md's sync_max. The pass goes on when the limit is
     * raised, and ends when it is stopped. A pass that has reached the last sector lifts the limit.
     *
     * @param sector a multiple of the chunk size, not before {@link #nextFrom}; {@link Long#MAX_VALUE} for no limit
     * @throws ArrayRefusedException if a pass is under way and the limit would be lower than before
     */
    public void waitAt(long sector) throws ArrayRefusedException {
        int chunk = parts.pass().geometry().chunkSectors();
        try (RankedLock.Held _ = lock.acquire()) {
            if (sector != Long.MAX_VALUE && (sector % chunk != 0 || sector < nextFrom)) {
                throw new IllegalArgumentException("sync_max is max, or a multiple of the chunk of " + chunk
                        + " sectors that is not before sync_min, not " + sector);
            }
            if (sector < limitSector) {
                requireIdle();
            }
            limitSector = sector;
        }
    }

    /** Where a pass waits; {@link Long#MAX_VALUE} if nowhere. */
    public long limitSector() {
        return limitSector;
    }

    /** The sector at which the next pass starts. */
    public long nextFrom() {
        try (RankedLock.Held _ = lock.acquire()) {
            return nextFrom;
        }
    }

    /** The action under way; null if there is none. */
    public @Nullable ScrubAction running() {
        ScrubPass running = pass();
        return running == null ? null : running.action();
    }

    /** The word for the action that ended last, or {@code none}. */
    public String lastAction() {
        try (RankedLock.Held _ = lock.acquire()) {
            return lastAction;
        }
    }

    /** How the last pass ended: {@code done}, or why it did not reach its end; {@code none} if there was none. */
    public String lastResult() {
        try (RankedLock.Held _ = lock.acquire()) {
            return lastResult;
        }
    }

    /** As md's sync_completed: {@code passed / all} in sectors of a member, or {@code none}. */
    public String progress() {
        ScrubPass running = pass();
        return running == null ? "none" : running.progress();
    }

    /** What the last pass found, or what the pass under way has found so far. */
    public ScrubFindings findings() {
        return findings;
    }
}
