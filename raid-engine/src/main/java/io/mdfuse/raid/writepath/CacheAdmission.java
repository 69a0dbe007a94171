package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets requests in, in the order in which they ask, as long as cache and log have room for them: the bound that is
 * never passed.
 *
 * <p>Every stripe that is cached, and every stripe of a request that is in, has log space for its parity promised
 * ({@link LogNeeds}). So writing out always has room, whatever the load, and writing out is what makes room for those
 * who wait. They hold nothing meanwhile, neither stripes nor log.
 *
 * <table>
 *   <caption>Who comes in, where the log has the space</caption>
 *   <tr><th>log</th><th>all its stripes have a place in the cache</th><th>some have none yet</th></tr>
 *   <tr><td>not critical</td><td>at once, before those who wait</td><td>in turn, if the cache has places</td></tr>
 *   <tr><td>critical</td><td>at once, before those who wait</td><td>in turn, when that has passed</td></tr>
 * </table>
 *
 * Whoever comes in before others takes no place, and of the log only what is nobody's; and since the stripes it writes
 * are being written out for those who wait, it can't do so for long. Nobody comes in before one who must be alone
 * ({@link #enterAlone}): that one waits for all who are in, and all who come later wait for it.
 */
final class CacheAdmission {
    /** What the admission asks of the log. */
    interface Log {
        long freeSectors();

        /**
         * True where every append from now on fails. Such a log gives no more room, but its error to whoever comes in.
         */
        boolean takesNoMore();

        /** Throws if the last try to make room failed because a host has none: waiting requests are refused then. */
        void requireRoomToCome() throws IOException;
    }

    private static final class Waiter {}

    private final LogNeeds needs;
    private final Log log;
    private final StripeCache cache;
    private final int maxStripes;
    private final Runnable makeRoom;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** In the order of their coming. Who is alone stays at the head until it leaves. */
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

    private int aloneWaiting;
    private int admitted;
    private long admittedSectors;
    private long changes;

    /**
     * Makes an admission with nobody in it.
     *
     * @param makeRoom is run without any lock when room is found wanting, and has {@link #roomMayHaveChanged} called
     *     when it has made some
     */
    CacheAdmission(LogNeeds needs, Log log, StripeCache cache, int maxStripes, Runnable makeRoom) {
        this.needs = needs;
        this.log = log;
        this.cache = cache;
        this.maxStripes = maxStripes;
        this.makeRoom = makeRoom;
    }

    /** The bound on stripes that are cached or admitted. */
    int maxStripes() {
        return maxStripes;
    }

    /**
     * Waits for the caller's turn and for room, and takes it until {@link #leave}.
     *
     * @return how much of the log it may take, to be handed back to {@link #leave}
     * @throws IOException if no room can be made for the present; the caller is not in then
     */
    long enter(List<RunWrite> runs) throws IOException {
        long sectors = needs.requestSectors(runs);
        lock.lock();
        try {
            if (!tryEnter(runs, sectors, waiting.isEmpty())) {
                waitForTurn(runs, sectors);
            }
            return sectors;
        } finally {
            lock.unlock();
        }
    }

    private void waitForTurn(List<RunWrite> runs, long sectors) throws IOException {
        Waiter me = new Waiter();
        waiting.addLast(me);
        try {
            while (waiting.getFirst() != me || !tryEnter(runs, sectors, true)) {
                awaitChange(waiting.getFirst() == me);
                log.requireRoomToCome();
            }
        } finally {
            waiting.remove(me);
            noteChange();
        }
    }

    private boolean tryEnter(List<RunWrite> runs, long sectors, boolean myTurn) {
        int newPlaces = cache.claim(runs);
        boolean mayOvertake = newPlaces == 0 && aloneWaiting == 0;
        if ((myTurn || mayOvertake) && hasRoom(newPlaces, sectors)) {
            admitted++;
            admittedSectors += sectors;
            return true;
        }
        cache.unclaim(runs);
        return false;
    }

    private boolean hasRoom(int newPlaces, long sectors) {
        if (log.takesNoMore()) {
            return true;
        }
        if (cache.places() > maxStripes) {
            return false;
        }
        int cached = cache.size();
        long freeSectors = unpromisedSectors() - sectors;
        long needSectors = needs.writeOutSectors(cached);
        if (freeSectors < needSectors) {
            return false;
        }
        // Where nothing is cached nothing is critical: no write-out could make it better.
        return newPlaces == 0 || cached == 0 || LogPressure.of(freeSectors, needSectors) != LogPressure.CRITICAL;
    }

    /**
     * What of the log no request was promised. Asked after how many stripes are cached: a stripe that is written out
     * takes log before it leaves the cache, and the other way round it would be missed in both.
     */
    private long unpromisedSectors() {
        return log.freeSectors() - LogNeeds.KEPT_SECTORS - admittedSectors;
    }

    /** How much of the log was promised: to requests that are in, to cached stripes, and to the log itself. */
    long promisedSectors() {
        lock.lock();
        try {
            return LogNeeds.KEPT_SECTORS + admittedSectors + needs.writeOutSectors(cache.size());
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what {@link #enter} took. */
    void leave(List<RunWrite> runs, long sectors) {
        lock.lock();
        try {
            cache.unclaim(runs);
            admitted--;
            admittedSectors -= sectors;
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a little of the log that nobody was promised, where there is some; it comes back by {@link #giveSpare}. */
    boolean takeSpare(long sectors) {
        lock.lock();
        try {
            int cached = cache.size();
            boolean spare = unpromisedSectors() - sectors >= needs.writeOutSectors(cached);
            admittedSectors += spare ? sectors : 0;
            return spare;
        } finally {
            lock.unlock();
        }
    }

    void giveSpare(long sectors) {
        lock.lock();
        try {
            admittedSectors -= sectors;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody is in, and keeps everybody else out until {@link #leaveAlone}. */
    void enterAlone() {
        lock.lock();
        try {
            Waiter me = new Waiter();
            waiting.addLast(me);
            aloneWaiting++;
            while (waiting.getFirst() != me || admitted > 0) {
                awaitChange(false);
            }
        } finally {
            lock.unlock();
        }
    }

    void leaveAlone() {
        lock.lock();
        try {
            waiting.removeFirst();
            aloneWaiting--;
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

    /** How many wait for a turn or for room; who is in alone counts until it leaves. */
    int waiters() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void noteChange() {
        changes++;
        if (!waiting.isEmpty()) {
            changed.signalAll();
        }
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
}
