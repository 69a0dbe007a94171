package io.mdfuse.raid.stripe;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the cached stripes of each chunk row, so that a read learns without a lock whether the members have the newest
 * bytes of a row. It counts by row and not by stripe because a read handles a chunk at a time (md's big_stripe_tree).
 *
 * <p>In write-through mode nothing is ever cached, and each look-up is one volatile read. Thread-safe.
 */
public final class BigStripeTree {
    private final ConcurrentHashMap<Long, Integer> cachedStripesByRow = new ConcurrentHashMap<>();
    private final AtomicLong cachedStripes = new AtomicLong();

    /** True if a stripe of the row is cached, so that the members may have older bytes. */
    public boolean isCached(long row) {
        return cachedStripes.get() != 0 && cachedStripesByRow.containsKey(row);
    }

    /** A stripe of the row has been cached. Called before the write of its data is acknowledged. */
    public void add(long row) {
        cachedStripesByRow.merge(row, 1, Integer::sum);
        cachedStripes.incrementAndGet();
    }

    /** A cached stripe of the row has been written out to its members. */
    public void remove(long row) {
        cachedStripesByRow.computeIfPresent(row, (key, count) -> count == 1 ? null : count - 1);
        cachedStripes.decrementAndGet();
    }
}
