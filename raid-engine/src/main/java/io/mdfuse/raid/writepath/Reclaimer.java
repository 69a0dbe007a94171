package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when the journal's tail moves, and has appends wait until the log has space.
 *
 * <p>The order of steps in every reclaim: 1 the checkpoint is taken: all records before it are on the members, perhaps
 * in their caches. 2 the members are flushed. 3 the tail is stored in the superblocks and flushed. 4 the space may be
 * used again. After a crash between any two of them, a replay from the stored tail gives the members all they may lack.
 *
 * <p>It runs when more than {@link #MAX_KEPT_BYTES}, or a quarter of the log, is in use (as md does, so that recovery
 * never has to read more than that), and when an append finds no space.
 */
final class Reclaimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reclaimer.class);

    /** md's RECLAIM_MAX_FREE_SPACE: 10 GiB. */
    static final long MAX_KEPT_BYTES = 10L << 30;

    private final Journal journal;
    private final MemberSet members;
    private final OneAtATime reclaims;
    private final long keptSectors;

    private final RankedLock reclaiming = new RankedLock(LockRank.LOG_RECLAIM);
    private final RankedLock lock = new RankedLock(LockRank.LOG_TICKETS);
    private final Condition released = lock.newCondition();
    private long releases;
    private int unreleasedTickets;
    private @Nullable IOException stopCause;
    private volatile Runnable tailMoved = () -> {};

    Reclaimer(Journal journal, MemberSet members, Executor background) {
        this.journal = journal;
        this.members = members;
        this.reclaims = new OneAtATime(this::reclaimInBackground, background);
        this.keptSectors = Math.min(journal.capacitySectors() / 4, MAX_KEPT_BYTES / Sectors.BYTES);
    }

    /**
     * Registers a listener called after every tail move, including moves by the background reclaim: a request that
     * waits for space must not depend on moving the tail itself, since another reclaim may have been faster.
     */
    void whenTailMoves(Runnable listener) {
        tailMoved = listener;
    }

    /** Appends the runs of one request; waits until the log has space for them. */
    LogTicket append(List<StripeRun> runs) throws IOException {
        while (true) {
            long releasesSeen = requireAppends();
            LogTicket ticket = journal.tryAppend(runs);
            if (ticket != null) {
                countTickets(1);
                return ticket;
            }
            if (!reclaim(0)) {
                awaitRelease(releasesSeen);
            }
        }
    }

    /** The stripes of the ticket are on the members. */
    void release(LogTicket ticket) {
        journal.release(ticket);
        boolean schedule;
        lock.lock();
        try {
            countTickets(-1);
            releases++;
            released.signalAll();
            schedule = stopCause == null && journal.usedSectors() > keptSectors;
        } finally {
            lock.unlock();
        }
        if (schedule) {
            reclaims.request();
        }
    }

    /**
     * A write to the members failed. The tail must never pass its log records, so no more is written: a later mount
     * replays them.
     */
    void stopAppends(IOException cause) {
        lock.lock();
        try {
            stopCause = cause;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** True if every append from now on fails. */
    boolean rejectsAppends() {
        lock.lock();
        try {
            return stopCause != null || journal.hasFailed();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Empties the log, so that a replay would write nothing. All tickets are released, and no append runs meanwhile.
     */
    void drain() throws IOException {
        requireAppends();
        reclaim(0);
    }

    private void countTickets(int by) {
        lock.lock();
        try {
            unreleasedTickets += by;
        } finally {
            lock.unlock();
        }
    }

    /** How many releases there have been so far; throws if appends have stopped. */
    private long requireAppends() throws IOException {
        lock.lock();
        try {
            if (stopCause != null) {
                throw new IOException(
                        "no more writes: the members could not take one before: " + stopCause.getMessage(), stopCause);
            }
            return releases;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a release; returns at once if all tickets are released, since a reclaim then frees the whole log. */
    private void awaitRelease(long releasesSeen) {
        lock.lock();
        try {
            while (releases == releasesSeen && unreleasedTickets > 0 && stopCause == null) {
                released.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Moves the tail as far as possible, if that frees more than {@code moreThanSectors}; true if it moved. */
    boolean reclaim(long moreThanSectors) throws IOException {
        boolean moved = moveTail(moreThanSectors);
        if (moved) {
            tailMoved.run();
        }
        return moved;
    }

    private boolean moveTail(long moreThanSectors) throws IOException {
        reclaiming.lock();
        try {
            long usedBefore = journal.usedSectors();
            LogPosition checkpoint = journal.checkpoint();
            if (journal.reclaimableSectors(checkpoint) <= moreThanSectors) {
                return false;
            }
            members.flush();
            journal.reclaimTo(checkpoint);
            return journal.usedSectors() < usedBefore;
        } finally {
            reclaiming.unlock();
        }
    }

    private void reclaimInBackground() {
        try {
            // Another reclaim may have been faster.
            if (journal.usedSectors() > keptSectors) {
                reclaim(keptSectors);
            }
        } catch (IOException e) {
            // An append that runs out of space meets the same error, and throws it to its caller.
            LOG.error("could not reclaim journal space: {}", e.getMessage());
        }
    }

    /** Ends the reclaims in the background: when this returns none runs, and none will. */
    @Override
    public void close() {
        reclaims.close();
    }
}
