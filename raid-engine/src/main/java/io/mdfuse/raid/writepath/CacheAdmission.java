package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.StripeCache;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets requests in, in the order in which they ask, as long as cache and log have room for them: the bound that is
 * never passed.
 *
 * <p>Every stripe that is cached or admitted has log space for its parity promised. So writing out always has room,
 * whatever the load, and writing out is what makes room for those who wait. They hold nothing meanwhile, neither stripes
 * nor log. The same order serves who must be alone ({@link #enterAlone}): it waits for all who are in, and all who come later
 * wait for it.
 */
final class CacheAdmission {
    /** Two blocks that the journal keeps for itself, and one for the empty block of a reclaim. */
    private static final long KEPT_SECTORS = 3L * Sectors.PER_BLOCK;

    private final ArrayGeometry geometry;
    private final Journal journal;
    private final Reclaimer reclaimer;
    private final StripeCache cache;
    private final int maxStripes;
    private final Runnable makeRoom;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int admitted;
    private int admittedStripes;
    private long admittedSectors;
    private long nextTurn;
    private long turn;
    private long changes;

    /**
     * Makes an admission with nobody in it.
     *
     * @param makeRoom is run without any lock when room is found wanting, and has {@link #roomMayHaveChanged} called
     *     when it has made some
     */
    CacheAdmission(
            ArrayGeometry geometry,
            Journal journal,
            Reclaimer reclaimer,
            StripeCache cache,
            int maxStripes,
            Runnable makeRoom) {
        this.geometry = geometry;
        this.journal = journal;
        this.reclaimer = reclaimer;
        this.cache = cache;
        this.maxStripes = maxStripes;
        this.makeRoom = makeRoom;
    }

    /** The bound on cached stripes. */
    int maxStripes() {
        return maxStripes;
    }

    /** Waits for the caller's turn and for room, and takes it until {@link #leave} is called with the same numbers. */
    void enter(int stripes, int blocks) {
        lock.lock();
        try {
            long mine = nextTurn++;
            while (turn != mine || !hasRoom(stripes, sectorsFor(stripes, blocks))) {
                awaitChange(turn == mine);
            }
            turn++;
            admitted++;
            admittedStripes += stripes;
            admittedSectors += sectorsFor(stripes, blocks);
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    void leave(int stripes, int blocks) {
        lock.lock();
        try {
            admitted--;
            admittedStripes -= stripes;
            admittedSectors -= sectorsFor(stripes, blocks);
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody is in, and keeps everybody else out until {@link #leaveAlone}. */
    void enterAlone() {
        lock.lock();
        try {
            long mine = nextTurn++;
            while (turn != mine || admitted > 0) {
                awaitChange(false);
            }
        } finally {
            lock.unlock();
        }
    }

    void leaveAlone() {
        lock.lock();
        try {
            turn++;
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** Stripes have left the cache, or the log's tail has moved. */
    void roomMayHaveChanged() {
        lock.lock();
        try {
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** True where somebody waits for a turn or for room. */
    boolean hasWaiters() {
        lock.lock();
        try {
            return turn != nextTurn;
        } finally {
            lock.unlock();
        }
    }

    private void noteChange() {
        changes++;
        changed.signalAll();
    }

    private void awaitChange(boolean wantsRoom) {
        long changesSeen = changes;
        if (wantsRoom) {
            lock.unlock();
            try {
                makeRoom.run();
            } finally {
                lock.lock();
            }
        }
        while (changes == changesSeen) {
            changed.awaitUninterruptibly();
        }
    }

    private boolean hasRoom(int stripes, long sectors) {
        int cached = cache.size() + admittedStripes + stripes;
        long need = LogPressure.needSectors(
                cached, geometry.raidDisks(), geometry.layout().parityCount());
        // A log that takes no more gives no more room either, but its error to whoever comes in.
        return reclaimer.takesNoMore()
                || (cached <= maxStripes && journal.freeSectors() - KEPT_SECTORS >= admittedSectors + sectors + need);
    }

    /** What a request takes of the log at most: its data, and for each stripe a meta block and parity. */
    private long sectorsFor(int stripes, int blocks) {
        return Sectors.PER_BLOCK * (blocks + (1L + geometry.layout().parityCount()) * stripes);
    }

    /** The most blocks that a request may have, so that it is admitted to an empty cache and log at least. */
    static int largestRequestBlocks(ArrayGeometry geometry, Journal journal, int maxStripes) {
        int parityCount = geometry.layout().parityCount();
        long sectors = journal.largestAppendSectors()
                - KEPT_SECTORS
                - LogPressure.needSectors(0, geometry.raidDisks(), parityCount);
        long perBlock = Sectors.PER_BLOCK * (1L + 2 * (1L + parityCount));
        return (int) Math.max(1, Math.min(maxStripes, sectors / perBlock));
    }
}
