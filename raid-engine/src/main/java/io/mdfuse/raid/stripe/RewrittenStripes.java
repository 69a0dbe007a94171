package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.BitSet;
import java.util.TreeMap;

/**
 * Stripes whose parity a write has made from all their data before the resync has reached them. A paged bit set of
 * stripe numbers, so that only written regions take memory: one bit for a stripe. When it has grown to 32 MiB, no more
 * stripes are added; their parity is trusted once the resync has passed them. Thread-safe.
 */
final class RewrittenStripes {
    private static final int STRIPES_IN_PAGE = 32 * 1024;

    /** A terabyte of each member. */
    private static final int MOST_PAGES = 8 * 1024;

    private final RankedLock lock = new RankedLock(LockRank.REWRITTEN_STRIPES);
    private final TreeMap<Long, BitSet> pages = new TreeMap<>();

    /** Adds the stripes of a range, as long as there is memory for them. */
    void add(StripeRange stripes) {
        try (RankedLock.Held _ = lock.acquire()) {
            long end = stripes.endSector() / Sectors.PER_BLOCK;
            for (long at = stripes.fromSector() / Sectors.PER_BLOCK; at < end; at++) {
                BitSet page = pages.get(at / STRIPES_IN_PAGE);
                if (page == null && pages.size() < MOST_PAGES) {
                    page = new BitSet();
                    pages.put(at / STRIPES_IN_PAGE, page);
                }
                if (page != null) {
                    page.set((int) (at % STRIPES_IN_PAGE));
                }
            }
        }
    }

    /** True if every stripe of the interval has been added. */
    boolean hasAll(long fromStripeSector, long endStripeSector) {
        try (RankedLock.Held _ = lock.acquire()) {
            long end = endStripeSector / Sectors.PER_BLOCK;
            for (long at = fromStripeSector / Sectors.PER_BLOCK; at < end; at++) {
                BitSet page = pages.get(at / STRIPES_IN_PAGE);
                if (page == null || !page.get((int) (at % STRIPES_IN_PAGE))) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Frees the pages that lie entirely below a stripe. */
    void dropBelow(long stripeSector) {
        try (RankedLock.Held _ = lock.acquire()) {
            pages.headMap(stripeSector / Sectors.PER_BLOCK / STRIPES_IN_PAGE).clear();
        }
    }
}
