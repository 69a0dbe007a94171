package io.mdfuse.raid.sync;

import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life cycle of one pass over all stripes, the same for {@link Resync}, {@link Rebuild} and {@link ScrubPass}: a
 * subclass implements {@link #pass}, everything around it is here. An object makes one pass; a second pass is a new
 * object.
 *
 * <pre>
 *   WAITING ──run()──▶ RUNNING ──pass() returns──▶ DONE      (or FAILED, if the pass had to skip stripes)
 *      │                  │ └────pass() throws───▶ FAILED    (a checked or unchecked exception, or an Error)
 *      │ stop()           │ stop(), requestStop()
 *      ▼                  ▼
 *   STOPPING           STOPPING ──pass() returns──▶ STOPPED  (or DONE or FAILED, if that came first)
 *      └──▶ STOPPED
 * </pre>
 *
 * <p>Only {@link Resync#completeIfNothingIsInDoubt} turns FAILED into DONE: requests may complete what a pass skipped.
 *
 * <p>{@code run()} ends a pass in this order: {@link #conclude}, the event, {@link #recordEnd}, the new state,
 * {@link #afterEnd}. So a reader that sees the pass ended also sees its result. A pass that is stopped while WAITING
 * reports no event, for it reported no start; the stopping thread ends it.
 *
 * <p>A failure of any kind ends the pass as FAILED with its reason. An unchecked one is a defect of this program or of
 * the machine, so it is logged with its stack trace as well. An interruption of the thread counts as a stop.
 *
 * <p>{@code run()} is called by one worker thread; all other methods by any thread.
 */
public abstract class BackgroundPass implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundPass.class);

    private final RankedLock lock = new RankedLock(LockRank.BACKGROUND_PASS);
    private final Condition changed = lock.newCondition();
    private final PassParts parts;
    private final String word;
    private final PassEvents events;
    private volatile PassState state = PassState.WAITING;
    private volatile @Nullable PassOutcome outcome;
    private volatile String whyWaiting = "";
    private long firstSector;
    private long startNanos;

    /**
     * A pass that waits for {@link #run}.
     *
     * @param word one word for the pass in messages, such as {@code resync}
     * @param events reports the pass
     */
    BackgroundPass(PassParts parts, String word, PassEvents events) {
        this.parts = parts;
        this.word = word;
        this.events = events;
    }

    /**
     * Passes over the stripes until the last one or until {@link #mustStop}. Holds no lease when it returns.
     *
     * @throws IOException if the pass can't reach its end; the message is the reason that users see
     */
    abstract PassOutcome pass() throws IOException, InterruptedException;

    /** The first member sector that was not passed yet; the number of member sectors at the end. */
    abstract long positionSector();

    /** Corrects the outcome and stores what outlives the pass; called once, by the thread that made the pass. */
    PassOutcome conclude(PassOutcome found) {
        return found;
    }

    /** Keeps the result; called once, after the event and before the new state is visible. */
    void recordEnd(PassOutcome end) {}

    /** Starts what follows the pass; called once, after the new state is visible. */
    void afterEnd() {}

    @Override
    public final void run() {
        if (!begin()) {
            return;
        }
        PassOutcome end = attempt();
        try {
            end = conclude(end);
            report(end);
        } catch (RuntimeException | Error e) {
            end = unexpected(e);
        } finally {
            finish(end);
        }
    }

    private boolean begin() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (state != PassState.WAITING) {
                return false;
            }
            firstSector = positionSector();
            startNanos = System.nanoTime();
            state = PassState.RUNNING;
            return true;
        }
    }

    private PassOutcome attempt() {
        try {
            events.started(positionSector());
            return pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return PassOutcome.stopped(positionSector());
        } catch (IOException e) {
            return PassOutcome.failed(positionSector(), reason(e));
        } catch (RuntimeException | Error e) {
            return unexpected(e);
        }
    }

    private PassOutcome unexpected(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        long sector = positionSector();
        LOG.error("{} failed unexpectedly at sector {}", events.what(), sector, thrown);
        return PassOutcome.failed(sector, cause instanceof Error ? cause.toString() : reason(cause));
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.toString() : message;
    }

    /** Emits the event for an outcome. */
    final void report(PassOutcome end) {
        if (end.passedAll()) {
            events.finished(end.text());
        } else if (end.state() == PassState.STOPPED) {
            events.stopped(end.sector());
        } else {
            events.failed(end.sector(), end.text());
        }
    }

    private void finish(PassOutcome end) {
        try {
            recordEnd(end);
        } finally {
            enter(end);
            afterEnd();
        }
    }

    private void enter(PassOutcome end) {
        try (RankedLock.Held _ = lock.acquire()) {
            outcome = end;
            state = end.state();
            changed.signalAll();
        }
    }

    /** Reports an outcome that {@link #run} did not find, and takes its state. */
    final void endAs(PassOutcome later) {
        report(later);
        enter(later);
    }

    /** True if {@link #pass} has to return at the next stripe. */
    boolean mustStop() {
        return state == PassState.STOPPING;
    }

    /** Reports that all stripes below this one are passed. */
    final void reportProgress(long endSector) {
        events.passed(endSector);
    }

    /** Pauses for as long as the pace demands after so many sectors of each member. The caller holds no lease. */
    final void keepPace(long sectors) throws InterruptedException {
        parts.pace().passed(Sectors.toBytes(sectors), this::mustStop);
    }

    /** Waits a second before the host is asked again for space that it did not have. The caller holds no lease. */
    final void awaitHostSpace(NoSpaceException cause) throws InterruptedException {
        if (whyWaiting.isEmpty()) {
            LOG.warn("{} waits for room: {}", events.what(), cause.getMessage());
        }
        whyWaiting = "the " + word + " waits for room: " + cause.getMessage();
        parts.pace().awaitHostSpace(this::mustStop);
    }

    /** The host accepted a write again. */
    final void hostHasSpace() {
        whyWaiting = "";
    }

    public final PassState state() {
        return state;
    }

    /** True until the pass has ended: while it is waiting, running or stopping. */
    public final boolean underWay() {
        return !state.isEnd();
    }

    /** How the pass ended; null until then. */
    final @Nullable PassOutcome outcome() {
        return outcome;
    }

    /** Why the pass makes no progress now, such as a full host; empty if it does, or if it has ended. */
    final String whyWaiting() {
        return underWay() ? whyWaiting : "";
    }

    /** Asks the pass to end at the stripe it has reached; returns at once. No effect on a pass that has ended. */
    public final void requestStop() {
        boolean neverRan;
        try (RankedLock.Held _ = lock.acquire()) {
            neverRan = state == PassState.WAITING;
            if (neverRan || state == PassState.RUNNING) {
                state = PassState.STOPPING;
            }
        }
        if (neverRan) {
            finish(PassOutcome.stopped(positionSector()));
        }
    }

    /** Ends the pass at the stripe it has reached; returns once it reads and writes no stripe any more. */
    public final void stop() throws InterruptedException {
        requestStop();
        try (RankedLock.Held _ = lock.acquire()) {
            while (underWay()) {
                changed.await();
            }
        }
    }

    /** Waits until the pass has ended by itself, but not longer than so many milliseconds. */
    public final void awaitEnd(long millis) throws InterruptedException {
        try (RankedLock.Held _ = lock.acquire()) {
            long deadlineNanos = System.nanoTime() + millis * 1_000_000;
            for (long left = millis; underWay() && left > 0; left = (deadlineNanos - System.nanoTime()) / 1_000_000) {
                changed.await(left, TimeUnit.MILLISECONDS);
            }
        }
    }

    /**
     * How long the rest will take at the speed so far, in milliseconds: 0 if the pass has ended, empty while that is
     * not known.
     */
    public final OptionalLong millisLeft() {
        try (RankedLock.Held _ = lock.acquire()) {
            long position = positionSector();
            long leftSectors = parts.geometry().memberSectors() - position;
            if (!underWay() || (state != PassState.WAITING && leftSectors <= 0)) {
                return OptionalLong.of(0);
            }
            if (state == PassState.WAITING || position <= firstSector) {
                return OptionalLong.empty();
            }
            long spentMillis = (System.nanoTime() - startNanos) / 1_000_000 + 1;
            return OptionalLong.of((long) ((double) spentMillis / (position - firstSector) * leftSectors));
        }
    }

    /** As md's sync_completed: {@code passed / all} in sectors of a member, or {@code none} after the end. */
    public final String progress() {
        return underWay() ? positionSector() + " / " + parts.geometry().memberSectors() : "none";
    }
}
