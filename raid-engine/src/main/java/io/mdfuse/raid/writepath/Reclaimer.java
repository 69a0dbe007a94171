package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when the journal's tail moves, and makes those wait for whom the log has no room.
 *
 * <p>The order of trust, in every reclaim: 1 the checkpoint is taken: all before it is on the members, perhaps in
 * their caches. 2 the members are flushed. 3 the tail is stored in the superblocks and flushed. 4 the space may be
 * used again. A crash between any two of these finds a tail from which everything that the members may lack can be
 * replayed.
 *
 * <p>It runs when more than {@link #MAX_KEPT_BYTES}, or a quarter of the log, is in use (as md does, so that recovery
 * never has to read more than that), and when an append finds no room.
 */
final class Reclaimer {
    private static final Logger LOG = LoggerFactory.getLogger(Reclaimer.class);

    /** md's RECLAIM_MAX_FREE_SPACE: 10 GiB. */
    static final long MAX_KEPT_BYTES = 10L << 30;

    private final Journal journal;
    private final MemberSet members;
    private final Executor background;
    private final long keptSectors;

    private final ReentrantLock reclaiming = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private long releases;
    private int held;
    private boolean reclaimScheduled;
    private @Nullable IOException broken;
    private volatile Runnable tailMoved = () -> {};

    Reclaimer(Journal journal, MemberSet members, Executor background) {
        this.journal = journal;
        this.members = members;
        this.background = background;
        this.keptSectors = Math.min(journal.capacitySectors() / 4, MAX_KEPT_BYTES / Sectors.BYTES);
    }

    /**
     * Has somebody told whenever the tail has moved, whoever moved it: who waits for room must not depend on moving it
     * himself, for another may have been faster.
     */
    void whenTailMoves(Runnable listener) {
        tailMoved = listener;
    }

    /** Appends the runs of one request; waits until the log has room for them. */
    LogTicket append(List<StripeRun> runs) throws IOException {
        while (true) {
            long releasesSeen = requireSound();
            LogTicket ticket = journal.tryAppend(runs);
            if (ticket != null) {
                changeHeld(1);
                return ticket;
            }
            if (!reclaim(0)) {
                awaitRelease(releasesSeen);
            }
        }
    }

    /** The ticket's stripes are on the members. */
    void release(LogTicket ticket) {
        journal.release(ticket);
        boolean schedule;
        lock.lock();
        try {
            changeHeld(-1);
            releases++;
            released.signalAll();
            schedule = !reclaimScheduled && broken == null && journal.usedSectors() > keptSectors;
            reclaimScheduled |= schedule;
        } finally {
            lock.unlock();
        }
        if (schedule) {
            background.execute(this::reclaimInBackground);
        }
    }

    /**
     * The members could not take what the log holds. The tail must never pass it, so no more is written: a later
     * mount replays it.
     */
    void breakOff(IOException cause) {
        lock.lock();
        try {
            broken = cause;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** True where every append from now on fails. */
    boolean takesNoMore() {
        lock.lock();
        try {
            return broken != null || journal.failed();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves nothing in the log that a replay would write. Nobody holds a ticket, and none is given out meanwhile. */
    void drain() throws IOException {
        requireSound();
        reclaim(0);
    }

    private void changeHeld(int by) {
        lock.lock();
        try {
            held += by;
        } finally {
            lock.unlock();
        }
    }

    /** How many releases there have been so far; throws where there will be no more. */
    private long requireSound() throws IOException {
        lock.lock();
        try {
            if (broken != null) {
                throw new IOException(
                        "no more writes: the members could not take one before: " + broken.getMessage(), broken);
            }
            return releases;
        } finally {
            lock.unlock();
        }
    }

    /** Returns at once where nobody holds a ticket: then a reclaim frees all. */
    private void awaitRelease(long releasesSeen) {
        lock.lock();
        try {
            while (releases == releasesSeen && held > 0 && broken == null) {
                released.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Moves the tail as far as it can go, where that frees more than so much; true where it did. */
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
            if (journal.distanceFromTail(checkpoint) <= moreThanSectors) {
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
            // Where somebody else was faster, the array may be closing: then there is nothing here to be touched.
            if (journal.usedSectors() > keptSectors) {
                reclaim(keptSectors);
            }
        } catch (IOException e) {
            // Whoever runs out of room meets the same error, and reports it to its caller.
            LOG.error("could not reclaim journal space: {}", e.getMessage());
        } finally {
            lock.lock();
            try {
                reclaimScheduled = false;
            } finally {
                lock.unlock();
            }
        }
    }
}
