package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes all parity right from the {@link SyncPosition} on that is in doubt, stripe by stripe in ascending order, while
 * the array is in use: md's resync.
 *
 * <pre>
 *   WAITING ──run()──▶ RUNNING ──all stripes passed──▶ DONE       (position: in sync)
 *                        │ stop()                       ▲
 *                        ├──────────▶ STOPPED           │         (position: how far it came)
 *                        ├─ a member is lost, or gives too little ─▶ FAILED  (position: the stripe not passed)
 *                        └─ all stripes passed but a few ──────────▶ FAILED  (SyncPosition knows those few)
 * </pre>
 *
 * If the host has no room for the parity of a range, that range is tried again every second, with no stripe held
 * meanwhile.
 *
 * A stripe whose data can't be read is left in doubt: parity that may be wrong is no source for what a member can't
 * give, and the error may pass. Parity that can't be read is made like any other.
 *
 * The position moves while the stripes behind it are held, so a write sees either a stripe that was passed, and keeps
 * its parity right, or one that was not, and then makes its parity from all its data.
 */
public final class Resync implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Resync.class);

    /** What is done once all parity is right: the superblocks are told. */
    @FunctionalInterface
    public interface Completion {
        void resyncDone() throws IOException;
    }

    /** More unreadable stripes than this are no bad sectors but a device that is failing. */
    static final int MOST_LEFT = 256;

    private enum State {
        WAITING,
        RUNNING,
        DONE,
        STOPPED,
        FAILED
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final SyncPosition syncPosition;
    private final Completion completion;
    private final SyncPace pace;
    private final PassEvents passEvents;
    private volatile boolean stopRequested;
    private volatile String whyStopped = "";
    private volatile String whyWaiting = "";
    private volatile String whatWasLeft = "";
    private int stripesLeft;
    private State state = State.WAITING;
    private long repairedRanges;
    private long firstSector;
    private long startNanos;

    public Resync(
            ArrayGeometry geometry,
            MemberSet members,
            StripeLocks locks,
            SyncPosition syncPosition,
            Completion completion,
            SyncPace pace,
            ArrayEvents events) {
        this.geometry = geometry;
        this.members = members;
        this.locks = locks;
        this.syncPosition = syncPosition;
        this.completion = completion;
        this.pace = pace;
        this.passEvents = new PassEvents(events, "the resync of parity", "", geometry.memberSectors());
    }

    @Override
    public void run() {
        if (!enter(State.RUNNING)) {
            return;
        }
        passEvents.started(syncPosition.reached());
        State end = State.FAILED;
        try (ParityRepair parityRepair = new ParityRepair(geometry, members)) {
            end = pass(parityRepair);
        } catch (IOException e) {
            whyStopped = "the resync stopped at sector " + syncPosition.reached() + ": " + e.getMessage();
            passEvents.failed(syncPosition.reached(), String.valueOf(e.getMessage()));
        } finally {
            enter(end);
        }
    }

    private State pass(ParityRepair parityRepair) throws IOException {
        MemberReadAhead readAhead = new MemberReadAhead(members, slot -> true, false);
        for (long at = syncPosition.nextInDoubt(); at < geometry.memberSectors(); at = syncPosition.nextInDoubt()) {
            if (stopRequested) {
                passEvents.stopped(at);
                return State.STOPPED;
            }
            long doubtEnd = Math.min(syncPosition.endOfDoubt(at), geometry.memberSectors());
            long end = Math.min(parityRepair.rangeEnd(at), doubtEnd);
            readAhead.passing(at, doubtEnd);
            StripeRange range = StripeRange.covering(at, end);
            try (StripeLocks.Lease lease = locks.lock(range)) {
                repair(lease, parityRepair, range);
                whyWaiting = "";
            } catch (NoSpaceException e) {
                whyWaiting = "the resync waits for room: " + e.getMessage();
            }
            if (!whyWaiting.isEmpty()) {
                pace.awaitRoom(() -> stopRequested);
                continue;
            }
            passEvents.passed(end);
            pace.giveWay(Sectors.toBytes(end - at), () -> stopRequested);
        }
        return complete() ? State.DONE : State.FAILED;
    }

    /** False where stripes are left in doubt. */
    private boolean complete() throws IOException {
        members.flush();
        if (syncPosition.hasLeft()) {
            passEvents.finished(trouble());
            return false;
        }
        syncPosition.moveTo(SyncPosition.IN_SYNC);
        completion.resyncDone();
        LOG.debug("resync of parity is done; it was wrong in {} places", repairedRanges);
        passEvents.finished("");
        return true;
    }

    /** Moves the position over a range that is held. What can't be read as a whole is taken stripe by stripe. */
    private void repair(StripeLocks.Lease lease, ParityRepair parityRepair, StripeRange range) throws IOException {
        try {
            repairedRanges += parityRepair.repair(lease, range) ? 1 : 0;
            syncPosition.moveTo(range.endSector());
            return;
        } catch (NoSpaceException e) {
            throw e;
        } catch (DeviceException e) {
            if (range.stripeCount() == 1) {
                leave(range, e);
                return;
            }
        }
        for (StripeRange stripe : range.split(1)) {
            if (!stopRequested) {
                repair(lease, parityRepair, stripe);
            }
        }
    }

    private void leave(StripeRange stripe, DeviceException cause) throws IOException {
        long stripeSector = stripe.fromSector();
        long end = stripe.endSector();
        if (syncPosition.trustsParity(stripe)) {
            // Somebody wrote it since the crash: parity is right, and whoever reads the block next heals it.
            syncPosition.moveTo(end);
            return;
        }
        if (++stripesLeft > MOST_LEFT) {
            throw new IOException("more than " + MOST_LEFT + " stripes can't be read: " + cause.getMessage(), cause);
        }
        syncPosition.leave(stripeSector);
        syncPosition.moveTo(end);
        String where = "the stripe at sector " + stripeSector + ": " + cause.getMessage();
        LOG.error("parity stays in doubt in {}", where);
        whatWasLeft = "parity is in doubt in "
                + (stripesLeft == 1
                        ? where
                        : stripesLeft + " stripes that the resync could not read, the last is " + where);
    }

    private synchronized boolean enter(State next) {
        if (next == State.RUNNING && state != State.WAITING) {
            return false;
        }
        if (next == State.RUNNING) {
            firstSector = syncPosition.reached();
            startNanos = System.nanoTime();
        }
        state = next;
        notifyAll();
        return true;
    }

    /** True while it has work ahead and nothing stands in its way. */
    public synchronized boolean underWay() {
        return state == State.WAITING || state == State.RUNNING;
    }

    private synchronized boolean isStopped() {
        return state == State.STOPPED;
    }

    /** Waits until it has ended by itself, but not longer than so many milliseconds. */
    public synchronized void awaitEnd(long millis) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; underWay() && left > 0; left = (deadlineNanos - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    /** Ends it where it stands; returns once it touches no stripe any more. */
    public synchronized void stop() throws InterruptedException {
        stopRequested = true;
        if (state == State.WAITING) {
            state = State.STOPPED;
        }
        while (state == State.RUNNING) {
            wait();
        }
    }

    /**
     * Nobody writes any more: where all stripes were passed, and what was left has been written since, all is right.
     */
    public void settle() throws IOException {
        boolean passedAll = !syncPosition.inSync() && syncPosition.nextInDoubt() >= geometry.memberSectors();
        if (passedAll && complete()) {
            enter(State.DONE);
        }
    }

    /** How long the rest will take at the pace so far, in milliseconds; 0 where it is not under way. */
    public synchronized long millisLeft() {
        long passed = syncPosition.reached() - firstSector;
        if (!underWay() || syncPosition.inSync()) {
            return 0;
        }
        if (state == State.WAITING || passed <= 0) {
            return Long.MAX_VALUE;
        }
        long spentMillis = (System.nanoTime() - startNanos) / 1_000_000 + 1;
        return (long) ((double) spentMillis / passed * (geometry.memberSectors() - syncPosition.reached()));
    }

    /** As md's sync_completed: {@code passed / all} in sectors of a member, or {@code none}. */
    public String progress() {
        long position = syncPosition.reached();
        return underWay() && position != SyncPosition.IN_SYNC ? position + " / " + geometry.memberSectors() : "none";
    }

    /** Why parity is still in doubt where this has been, or was to come; empty where there is nothing to say. */
    public String trouble() {
        if (!whyWaiting.isEmpty() && underWay()) {
            return whyWaiting;
        }
        if (whyStopped.isEmpty() && isStopped()) {
            return "the resync was stopped at sector " + syncPosition.reached() + " of " + geometry.memberSectors();
        }
        return !whyStopped.isEmpty() || !syncPosition.hasLeft() ? whyStopped : whatWasLeft;
    }
}
