package io.mdfuse.raid.recovery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the journal holds of one stripe, gathered in log order. Pages are named by where they lie in the log.
 *
 * <p>Two layers, because parity covers only what came before it: <b>settled</b> data is covered by the newest
 * logged parity, <b>pending</b> data came later. (md writes the settled layer to the members when the first pending
 * block comes; kept apart, both can be written at once at the end.)
 *
 * <p>A damaged page does not hide an older good one of the same block: what that held had been logged before, and may
 * be all that is left. For the same reason a parity that is damaged, or covers a damaged page, does not hide what the
 * one before it covered: a batch that power tore apart never reached the members, and what they have belongs to the
 * older parity.
 */
final class StripeReplay {
    /** No good page of this slot is in the log. */
    static final long NONE = -1;

    private final Layer settled;
    private final Layer pending;
    private long pPage = NONE;
    private long qPage = NONE;
    private @Nullable StripeReplay beforeDamage;

    StripeReplay(int dataDisks) {
        this(new Layer(dataDisks), new Layer(dataDisks));
    }

    private StripeReplay(Layer settled, Layer pending) {
        this.settled = settled;
        this.pending = pending;
    }

    void data(int dataIndex, long pageSector, boolean intact) {
        pending.put(dataIndex, pageSector, intact);
    }

    /** A parity that covers all data so far; a page that is not there, or damaged, is {@link #NONE}. */
    void parity(long newPPage, long newQPage) {
        boolean damaged = newPPage == NONE || (qPage != NONE && newQPage == NONE) || pending.anyDamaged();
        if (!damaged) {
            beforeDamage = null;
        } else if (beforeDamage == null && !settled.isEmpty()) {
            beforeDamage = settledAlone();
        }
        cover(newPPage, newQPage);
    }

    /** A parity that may cover data of which nobody knows. */
    void parityNobodyBelieves() {
        beforeDamage = null;
        cover(NONE, NONE);
    }

    private void cover(long newPPage, long newQPage) {
        pPage = newPPage;
        qPage = newQPage;
        settled.cover(pending);
    }

    private StripeReplay settledAlone() {
        StripeReplay alone = new StripeReplay(settled.copy(), new Layer(settled.pages.length));
        alone.pPage = pPage;
        alone.qPage = qPage;
        return alone;
    }

    /**
     * What was settled before a damaged batch came, where no whole one followed that; null where nothing was, or
     * nothing is damaged.
     */
    @Nullable
    StripeReplay beforeDamage() {
        return beforeDamage;
    }

    /** Data that the newest logged parity covers. */
    Layer settled() {
        return settled;
    }

    /** Data that was logged after it. */
    Layer pending() {
        return pending;
    }

    /** The newest logged P; {@link #NONE} where there is none that is good. */
    long pPage() {
        return pPage;
    }

    /** The newest logged Q; {@link #NONE} where there is none that is good. */
    long qPage() {
        return qPage;
    }

    /** The newest good page of a slot, in either layer; {@link #NONE} where its member has to be asked. */
    long newestPage(int dataIndex) {
        return pending.page(dataIndex) == NONE ? settled.page(dataIndex) : pending.page(dataIndex);
    }

    /** For each slot the newest good page, and whether a damaged one is newer. */
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

        /** The newest good page of a slot; {@link #NONE} where there is none. */
        long page(int index) {
            return pages[index];
        }

        /** True where the newest page of the slot is damaged, whether or not an older one is good. */
        boolean isDamaged(int index) {
            return damaged[index];
        }

        void put(int index, long pageSector, boolean intact) {
            damaged[index] = !intact;
            if (intact) {
                pages[index] = pageSector;
            }
        }

        boolean holds(int index) {
            return pages[index] != NONE || damaged[index];
        }

        boolean isEmpty() {
            for (int index = 0; index < pages.length; index++) {
                if (holds(index)) {
                    return false;
                }
            }
            return true;
        }

        /** Takes over everything that {@code newer} holds, and empties it. */
        void cover(Layer newer) {
            for (int index = 0; index < pages.length; index++) {
                if (newer.holds(index)) {
                    damaged[index] = newer.damaged[index];
                    pages[index] = newer.pages[index] == NONE ? pages[index] : newer.pages[index];
                }
                newer.pages[index] = NONE;
                newer.damaged[index] = false;
            }
        }
    }
}
