package io.mdfuse.raid.recovery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The journal's records of one stripe, collected in log order. A page is identified by its sector in the log.
 *
 * <p>There are two layers, because parity covers only data that was logged before it: <b>covered</b> data is covered by
 * the newest logged parity, <b>uncovered</b> data was logged later. In md's words the covered layer makes a data-parity
 * stripe, the uncovered layer a data-only stripe. (md writes the covered layer to the members when the first uncovered
 * block follows. Kept apart here, both can be written at once at the end.)
 *
 * <p>A damaged page does not hide an older good page of the same block: the older content was logged, and may be the
 * only one left. For the same reason, a parity that is damaged or covers a damaged page does not hide the data that the
 * parity before it covered: a batch that a power failure tore never reached the members, so their blocks belong to the
 * older parity.
 */
final class StripeReplay {
    /** The log has no good page of this slot. */
    static final long NONE = -1;

    private final Layer covered;
    private final Layer uncovered;
    private long pPage = NONE;
    private long qPage = NONE;
    private @Nullable StripeReplay beforeDamage;

    StripeReplay(int dataDisks) {
        this(new Layer(dataDisks), new Layer(dataDisks));
    }

    private StripeReplay(Layer covered, Layer uncovered) {
        this.covered = covered;
        this.uncovered = uncovered;
    }

    void data(int dataIndex, long pageSector, boolean intact) {
        uncovered.put(dataIndex, pageSector, intact);
    }

    /** Adds a parity, which covers all data so far; a page that is missing or damaged is {@link #NONE}. */
    void parity(long newPPage, long newQPage) {
        boolean damaged = newPPage == NONE || (qPage != NONE && newQPage == NONE) || uncovered.anyDamaged();
        if (!damaged) {
            beforeDamage = null;
        } else if (beforeDamage == null && !covered.isEmpty()) {
            beforeDamage = coveredAlone();
        }
        cover(newPPage, newQPage);
    }

    /** Adds a parity after a gap of the log: it may cover data that is not known, so it can't be used. */
    void unusableParity() {
        beforeDamage = null;
        cover(NONE, NONE);
    }

    private void cover(long newPPage, long newQPage) {
        pPage = newPPage;
        qPage = newQPage;
        covered.cover(uncovered);
    }

    private StripeReplay coveredAlone() {
        StripeReplay alone = new StripeReplay(covered.copy(), new Layer(covered.pages.length));
        alone.pPage = pPage;
        alone.qPage = qPage;
        return alone;
    }

    /**
     * The stripe as it was covered before a damaged batch, if no undamaged batch followed; null if nothing was covered
     * or nothing is damaged.
     */
    @Nullable
    StripeReplay beforeDamage() {
        return beforeDamage;
    }

    /** Data that the newest logged parity covers. */
    Layer covered() {
        return covered;
    }

    /** Data that was logged after that parity. */
    Layer uncovered() {
        return uncovered;
    }

    /** The log sector of the newest logged P; {@link #NONE} if there is no good one. */
    long pPage() {
        return pPage;
    }

    /** The log sector of the newest logged Q; {@link #NONE} if there is no good one. */
    long qPage() {
        return qPage;
    }

    /** The newest good page of a slot, in either layer; {@link #NONE} if there is none. */
    long newestPage(int dataIndex) {
        return uncovered.page(dataIndex) == NONE ? covered.page(dataIndex) : uncovered.page(dataIndex);
    }

    /** For each data index the newest good page, and whether a damaged page is newer. */
    static final class Layer {
        private final long[] pages;
        private final boolean[] damaged;

        Layer(int dataDisks) {
            pages = new long[dataDisks];
            damaged = new boolean[dataDisks];
            Arrays.fill(pages, NONE);
        }

        Layer copy() {
            Layer copy = new Layer(pages.length);
            System.arraycopy(pages, 0, copy.pages, 0, pages.length);
            System.arraycopy(damaged, 0, copy.damaged, 0, pages.length);
            return copy;
        }

        boolean anyDamaged() {
            for (boolean each : damaged) {
                if (each) {
                    return true;
                }
            }
            return false;
        }

        /** The newest good page of a slot; {@link #NONE} if there is none. */
        long page(int index) {
            return pages[index];
        }

        /** True if the newest page of the slot is damaged, whether or not an older one is good. */
        boolean isDamaged(int index) {
            return damaged[index];
        }

        void put(int index, long pageSector, boolean intact) {
            damaged[index] = !intact;
            if (intact) {
                pages[index] = pageSector;
            }
        }

        boolean has(int index) {
            return pages[index] != NONE || damaged[index];
        }

        boolean isEmpty() {
            for (int index = 0; index < pages.length; index++) {
                if (has(index)) {
                    return false;
                }
            }
            return true;
        }

        /** Moves every page of {@code newer} into this layer. */
        void cover(Layer newer) {
            for (int index = 0; index < pages.length; index++) {
                if (newer.has(index)) {
                    damaged[index] = newer.damaged[index];
                    pages[index] = newer.pages[index] == NONE ? pages[index] : newer.pages[index];
                }
                newer.pages[index] = NONE;
                newer.damaged[index] = false;
            }
        }
    }
}
