package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import java.util.HashMap;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Counts the cache slots that are reserved for stripes which are not cached yet. A stripe takes one slot, however many
 * requests have reserved it, and none beyond its own while it is cached. Not thread-safe: the {@link StripeCache}
 * guards it.
 */
final class CacheSlots {
    private final HashMap<Long, Integer> reservations = new HashMap<>();
    private final LongPredicate isCached;
    private int reservedNotCached;

    /** @param isCached whether the cache has the stripe of a sector */
    CacheSlots(LongPredicate isCached) {
        this.isCached = isCached;
    }

    /** How many slots are reserved for stripes that are not cached. */
    int reservedNotCached() {
        return reservedNotCached;
    }

    /** Reserves a slot for each stripe of the runs. */
    void reserve(List<RunWrite> runs) {
        for (RunWrite run : runs) {
            for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
                boolean first = reservations.merge(at, 1, Integer::sum) == 1;
                reservedNotCached += first && !isCached.test(at) ? 1 : 0;
            }
        }
    }

    /** Undoes {@link #reserve} of the same runs. */
    void release(List<RunWrite> runs) {
        for (RunWrite run : runs) {
            for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
                boolean last = reservations.merge(at, -1, (count, by) -> count + by == 0 ? null : count + by) == null;
                reservedNotCached -= last && !isCached.test(at) ? 1 : 0;
            }
        }
    }

    /** The stripe is cached from now on. */
    void noteCached(long stripeSector) {
        reservedNotCached -= reservations.containsKey(stripeSector) ? 1 : 0;
    }

    /** The stripe is no longer cached; its slot stays taken while a request has it reserved. */
    void noteRemoved(long stripeSector) {
        reservedNotCached += reservations.containsKey(stripeSector) ? 1 : 0;
    }
}
