package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import java.util.BitSet;
import java.util.TreeMap;

/**
 * Stripes whose parity a write has made from all their data, though the resync has not come there yet. A set of stripe
 * numbers in pages, so that it takes memory where somebody writes and nowhere else: one bit for a stripe. Where there
 * are so many pages that it takes 32 MiB, no more stripes are remembered: they are trusted when the resync has passed
 * them.
 */
final class RewrittenStripes {
    private static final int STRIPES_IN_PAGE = 32 * 1024;

    /** A terabyte of each member. */
    private static final int MOST_PAGES = 8 * 1024;

    private final TreeMap<Long, BitSet> pages = new TreeMap<>();

    /** Adds the stripes of a range. */
    synchronized void add(StripeRange stripes) {
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

    /** True where it has every stripe of a range. */
    synchronized boolean hasAll(long fromStripeSector, long endStripeSector) {
        long end = endStripeSector / Sectors.PER_BLOCK;
        for (long at = fromStripeSector / Sectors.PER_BLOCK; at < end; at++) {
            BitSet page = pages.get(at / STRIPES_IN_PAGE);
            if (page == null || !page.get((int) (at % STRIPES_IN_PAGE))) {
                return false;
            }
        }
        return true;
    }

    /** Forgets most of what lies below a stripe: nobody asks for it any more. */
    synchronized void dropBelow(long stripeSector) {
        pages.headMap(stripeSector / Sectors.PER_BLOCK / STRIPES_IN_PAGE).clear();
    }
}
