package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks the array dirty before members are changed in a way that no journal could complete, and clean again after an
 * idle time: md's in_sync with its safe-mode delay of 200 ms.
 *
 * <pre>
 *              begin(): superblocks say dirty, flushed
 *   CLEAN ────────────────────────────────────────────▶ DIRTY
 *     ▲                                                   │
 *     └───────────────────────────────────────────────────┘
 *      no change under way for the delay (200 ms), cleanNow() or stop():
 *      members flushed, then superblocks say clean
 * </pre>
 *
 * In CLEAN, data and parity on the media are consistent up to the {@link SyncPosition}. In DIRTY they may not be, and a
 * crash makes the next mount resync all parity. The lock is held while superblocks are written, so a change that begins
 * meanwhile waits until the mark is on disk. The check for idleness is a {@link TimedTask}. With a delay of 0 there is
 * no check, and the array stays dirty until {@link #cleanNow} or {@link #stop}. Thread-safe.
 */
public final class DirtyMarker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirtyMarker.class);

    /** The time without a change after which the array counts as idle: md's default safe_mode_delay. */
    public static final Duration SAFE_MODE_DELAY = Duration.ofMillis(200);

    /**
     * The longest time to the next check for idleness: a check that is scheduled can't be brought forward, and so a
     * shorter delay takes effect within this time.
     */
    private static final long LONGEST_WAIT_MILLIS = 1000;

    private final MemberSet members;
    private final ResyncRecord resyncRecord;
    private final SyncPosition syncPosition;
    private final InstantSource clock;
    private final TimedTask idleCheck;
    private final RankedLock lock = new RankedLock(LockRank.DIRTY_MARKER);
    private boolean dirty;
    private int changesUnderWay;
    private long lastChangeMillis;
    private long delayMillis = SAFE_MODE_DELAY.toMillis();

    /**
     * Begins in the state that is in the superblocks.
     *
     * @param dirty whether the superblocks say that the array is dirty
     * @param threads run the check for idleness
     */
    public DirtyMarker(
            MemberSet members,
            ResyncRecord resyncRecord,
            SyncPosition syncPosition,
            boolean dirty,
            InstantSource clock,
            TaskThreads threads) {
        this.members = members;
        this.resyncRecord = resyncRecord;
        this.syncPosition = syncPosition;
        this.dirty = dirty;
        this.clock = clock;
        this.idleCheck = threads.task(this::cleanIfIdle);
    }

    /** Waits until the array is marked dirty on disk; every call that returns needs a call of {@link #end}. */
    public void begin() throws IOException {
        lock.lock();
        try {
            if (!dirty) {
                resyncRecord.storeResyncOffset(ResyncOffset.dirty());
                dirty = true;
            }
            changesUnderWay++;
        } finally {
            lock.unlock();
        }
    }

    /** A change has been written to the members; it may still be in their caches. */
    public void end() {
        lock.lock();
        try {
            changesUnderWay--;
            lastChangeMillis = clock.millis();
            checkLater(delayMillis);
        } finally {
            lock.unlock();
        }
    }

    /** Has the check for idleness run, unless a change is under way or the delay is 0. The lock is held. */
    private void checkLater(long millis) {
        if (changesUnderWay == 0 && delayMillis > 0) {
            idleCheck.runAfter(Math.min(millis, LONGEST_WAIT_MILLIS));
        }
    }

    /** The time without a change after which the array is marked clean; 0 if only a stop marks it clean. */
    public Duration delay() {
        lock.lock();
        try {
            return Duration.ofMillis(delayMillis);
        } finally {
            lock.unlock();
        }
    }

    /** Changes {@link #delay}, md's safe_mode_delay. It takes effect at once if longer, within a second if shorter. */
    public void setDelay(Duration delay) {
        lock.lock();
        try {
            delayMillis = delay.toMillis();
            if (dirty) {
                checkLater(delayMillis);
            }
        } finally {
            lock.unlock();
        }
    }

    private void cleanIfIdle() {
        lock.lock();
        try {
            if (changesUnderWay > 0 || delayMillis == 0) {
                return;
            }
            long idleMillis = clock.millis() - lastChangeMillis;
            if (idleMillis < delayMillis) {
                checkLater(delayMillis - idleMillis);
                return;
            }
            markClean();
        } catch (IOException e) {
            // The array stays marked dirty, which is safe; the check after the next change tries again.
            LOG.warn("could not mark the array clean: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** Ends the check for idleness and marks the array clean now. No change is under way, and none will follow. */
    public void stop() throws IOException {
        idleCheck.close();
        lock.lock();
        try {
            markClean();
        } finally {
            lock.unlock();
        }
    }

    /** Marks the array clean now, unless a change is under way; returns whether it is clean then. */
    public boolean cleanNow() throws IOException {
        lock.lock();
        try {
            if (changesUnderWay == 0) {
                markClean();
            }
            return !dirty;
        } finally {
            lock.unlock();
        }
    }

    /** The resync has ended and moved the {@link SyncPosition}; stores it in the superblocks if the array is clean. */
    public void syncPositionMoved() throws IOException {
        lock.lock();
        try {
            if (dirty && changesUnderWay == 0 && delayMillis > 0 && clock.millis() - lastChangeMillis >= delayMillis) {
                markClean();
            } else if (!dirty) {
                members.flush();
                resyncRecord.storeResyncOffset(syncPosition.storedOffset());
            }
        } finally {
            lock.unlock();
        }
    }

    private void markClean() throws IOException {
        members.flush();
        if (dirty) {
            resyncRecord.storeResyncOffset(syncPosition.storedOffset());
            dirty = false;
        }
    }

    /** Ends the check for idleness: when this returns none runs, and none will. The superblocks stay as they are. */
    @Override
    public void close() {
        idleCheck.close();
    }

    /** True if the superblocks say that parity may be wrong. */
    public boolean isDirty() {
        lock.lock();
        try {
            return dirty;
        } finally {
            lock.unlock();
        }
    }
}
