package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;

/**
 * Admits write requests in the order of their arrival, as cache slots and log space allow: the bound on cache and log
 * that is never exceeded.
 *
 * <p>Log space is reserved for the parity of every cached stripe, and of every stripe of an admitted request
 * ({@link LogNeeds}). So writing out always has log space, whatever the load, and writing out frees space for the
 * waiting requests. A waiting request has neither a lease nor log space.
 *
 * <table>
 *   <caption>When a request is admitted, provided that the log has space for it</caption>
 *   <tr><th>log</th><th>all its stripes have cache slots</th><th>some stripe has none</th></tr>
 *   <tr><td>not critical</td><td>at once, overtaking the queue</td><td>in turn, if slots are free</td></tr>
 *   <tr><td>critical</td><td>at once, overtaking the queue</td>
 *       <td>in turn, once the log is not critical or nothing is cached</td></tr>
 * </table>
 *
 * A request that overtakes the queue allocates no cache slot and uses only unreserved log space. It can't do so for
 * long, since the stripes that it writes are being written out for the waiting requests. No request overtakes an
 * exclusive one ({@link #admitExclusively}): that one waits for all admitted requests to end, and all later requests
 * wait for it.
 */
final class CacheAdmission {
    /** The state of the log that decides on admission. */
    interface Log {
        long freeSectors();

        /** True if every append from now on fails: requests are admitted at once then, and fail at the append. */
        boolean rejectsAppends();

        /**
         * Throws if the last attempt to free space failed because a host has none: waiting requests are refused then.
         */
        void requireSpaceCanBeFreed() throws IOException;
    }

    private static final class Waiter {}

    private final LogNeeds needs;
    private final Log log;
    private final StripeCache cache;
    private final int maxStripes;
    private final RankedLock lock = new RankedLock(LockRank.CACHE_ADMISSION);
    private final Condition changed = lock.newCondition();
    /** In the order of arrival. An exclusive request stays at the head until it ends. */
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

    private int exclusiveRequests;
    private int admitted;
    private long admissions;
    private long admittedSectors;
    private long changes;
    /** The request at the head of the queue was refused for lack of log space, at its last attempt. */
    private boolean headLacksLogSpace;

    private volatile Runnable spaceIsShort = () -> {};

    /**
     * Creates an admission without requests.
     *
     * @param maxStripes the bound on cache slots in use
     */
    CacheAdmission(LogNeeds needs, Log log, StripeCache cache, int maxStripes) {
        this.needs = needs;
        this.log = log;
        this.cache = cache;
        this.maxStripes = maxStripes;
    }

    /**
     * Registers a listener that is run, without any lock, when the request at the head of the queue lacks space. It
     * calls {@link #spaceMayHaveChanged} when it has freed some.
     */
    void whenSpaceIsShort(Runnable listener) {
        spaceIsShort = listener;
    }

    /** The bound on cache slots in use. */
    int maxStripes() {
        return maxStripes;
    }

    /**
     * Waits until the request is admitted, and reserves its cache slots and log space until {@link #release}.
     *
     * @return the log sectors reserved, to be passed to {@link #release}
     * @throws IOException if no space can be freed at present; the request is not admitted then
     */
    long admit(List<RunWrite> runs) throws IOException {
        long sectors = needs.requestSectors(runs);
        lock.lock();
        try {
            if (!tryAdmit(runs, sectors, waiting.isEmpty())) {
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
            while (waiting.getFirst() != me || !tryAdmit(runs, sectors, true)) {
                awaitChange(waiting.getFirst() == me);
                log.requireSpaceCanBeFreed();
            }
        } finally {
            waiting.remove(me);
            noteChange();
        }
    }

    private boolean tryAdmit(List<RunWrite> runs, long sectors, boolean myTurn) {
        int newSlots = cache.reserveSlots(runs);
        boolean mayOvertake = newSlots == 0 && exclusiveRequests == 0;
        if (myTurn || mayOvertake) {
            boolean rejected = log.rejectsAppends();
            boolean slotsFree = cache.slotsInUse() <= maxStripes;
            boolean logHasSpace = rejected || !slotsFree || logHasSpace(newSlots, sectors);
            headLacksLogSpace = myTurn ? !logHasSpace : headLacksLogSpace;
            if (rejected || (slotsFree && logHasSpace)) {
                admitted++;
                admissions++;
                admittedSectors += sectors;
                return true;
            }
        }
        cache.releaseSlots(runs);
        return false;
    }

    private boolean logHasSpace(int newSlots, long sectors) {
        int cached = cache.size();
        long freeSectors = unreservedSectors() - sectors;
        long needSectors = needs.writeOutSectors(cached);
        if (freeSectors < needSectors) {
            return false;
        }
        // With an empty cache no state is critical, since no write-out could improve it.
        return newSlots == 0 || cached == 0 || LogPressure.of(freeSectors, needSectors) != LogPressure.CRITICAL;
    }

    /**
     * Log space that no admitted request has reserved. Read after the number of cached stripes: a write-out appends to
     * the log before it removes a stripe from the cache, and in the other order the stripe would be missed in both.
     */
    private long unreservedSectors() {
        return log.freeSectors() - LogNeeds.KEPT_SECTORS - admittedSectors;
    }

    /** Log space reserved: by admitted requests, for cached stripes, and for the log itself. */
    long reservedSectors() {
        lock.lock();
        try {
            return LogNeeds.KEPT_SECTORS + admittedSectors + needs.writeOutSectors(cache.size());
        } finally {
            lock.unlock();
        }
    }

    /** Ends a request: releases what {@link #admit} reserved. */
    void release(List<RunWrite> runs, long sectors) {
        lock.lock();
        try {
            cache.releaseSlots(runs);
            admitted--;
            admittedSectors -= sectors;
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** Reserves unreserved log space, if there is enough, until {@link #releaseSpare}. */
    boolean tryReserveSpare(long sectors) {
        lock.lock();
        try {
            int cached = cache.size();
            boolean spare = unreservedSectors() - sectors >= needs.writeOutSectors(cached);
            admittedSectors += spare ? sectors : 0;
            return spare;
        } finally {
            lock.unlock();
        }
    }

    void releaseSpare(long sectors) {
        lock.lock();
        try {
            admittedSectors -= sectors;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all admitted requests have ended, and admits no other request until {@link #releaseExclusive}. */
    void admitExclusively() {
        lock.lock();
        try {
            Waiter me = new Waiter();
            waiting.addLast(me);
            exclusiveRequests++;
            while (waiting.getFirst() != me || admitted > 0) {
                awaitChange(false);
            }
        } finally {
            lock.unlock();
        }
    }

    void releaseExclusive() {
        lock.lock();
        try {
            waiting.removeFirst();
            exclusiveRequests--;
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** Stripes have been removed from the cache, or the log's tail has moved. */
    void spaceMayHaveChanged() {
        lock.lock();
        try {
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /** How many requests have been admitted so far. */
    long admissions() {
        lock.lock();
        try {
            return admissions;
        } finally {
            lock.unlock();
        }
    }

    /** How many requests wait for their turn or for space; an exclusive request counts until it ends. */
    int waitingRequests() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * True if the request at the head of the queue lacks log space; false if no request waits, or the head lacks cache
     * slots. Moves of the tail then make no difference to it.
     */
    boolean headLacksLogSpace() {
        lock.lock();
        try {
            return headLacksLogSpace && !waiting.isEmpty();
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

    private void awaitChange(boolean needsSpace) {
        long changesSeen = changes;
        if (needsSpace) {
            lock.unlock();
            try {
                spaceIsShort.run();
            } finally {
                lock.lock();
            }
        }
        while (changes == changesSeen) {
            changed.awaitUninterruptibly();
        }
    }
}
