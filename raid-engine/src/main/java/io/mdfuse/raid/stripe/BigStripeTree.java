package io.mdfuse.raid.stripe;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many stripes of each chunk row hold data that is only in the journal's cache, so that a read can tell
 * without a lock whether the members have the newest bytes of a row. It counts rows and not stripes because a
 * read asks for a chunk at a time (md's big_stripe_tree).
 *
 * <p>In write-through mode nothing is ever cached and every look-up is one volatile read.
 */
public final class BigStripeTree {
    private final ConcurrentHashMap<Long, Integer> cachedStripesByRow = new ConcurrentHashMap<>();
    private final AtomicLong cachedStripes = new AtomicLong();

    /** True where a stripe of the row is cached, and its members may hold older bytes. */
    public boolean isCached(long row) {
        return cachedStripes.get() != 0 && cachedStripesByRow.containsKey(row);
    }

    /** A stripe of the row now holds data that its members don't. Counted before that data is acknowledged. */
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
