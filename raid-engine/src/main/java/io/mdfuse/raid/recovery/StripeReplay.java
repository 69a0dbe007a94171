package io.mdfuse.raid.recovery;

import java.util.Arrays;

/**
 * What the journal holds of one stripe, gathered in log order. Pages are named by where they lie in the log.
 *
 * <p>Two layers, because parity covers only what came before it: <b>settled</b> data is covered by the newest
 * logged parity, <b>pending</b> data came later. (md writes the settled layer to the members when the first pending
 * block comes; kept apart, both can be written at once at the end.)
 *
 * <p>A damaged page does not hide an older good one of the same block: what that held had been logged before, and
 * may be all that is left.
 */
final class StripeReplay {
    /** No good page of this slot is in the log. */
    static final long NONE = -1;

    private final Layer settled;
    private final Layer pending;
    private final int parityCount;
    private long pPage = NONE;
    private boolean pIntact;
    private long qPage = NONE;
    private boolean qIntact;

    StripeReplay(int dataDisks, int parityCount) {
        this.parityCount = parityCount;
        settled = new Layer(dataDisks);
        pending = new Layer(dataDisks);
    }

    void data(int dataIndex, long pageSector, boolean intact) {
        pending.put(dataIndex, pageSector, intact);
    }

    /** The second page counts only where the array has a Q. */
    void parity(long pPageSector, boolean isPIntact, long qPageSector, boolean isQIntact) {
        pPage = pPageSector;
        pIntact = isPIntact;
        qPage = qPageSector;
        qIntact = isQIntact && parityCount == 2;
        settled.cover(pending);
    }

    /** The newest good page of a slot in the log; {@link #NONE} where its member has to be asked. */
    long newestPage(int dataIndex) {
        return pending.pages[dataIndex] == NONE ? settled.pages[dataIndex] : pending.pages[dataIndex];
    }

    /** True where a newer version than {@link #newestPage} was logged, and its page is damaged. */
    boolean newestIsDamaged(int dataIndex) {
        return pending.holds(dataIndex) ? pending.damaged[dataIndex] : settled.damaged[dataIndex];
    }

    /** The newest logged P. */
    long pPage() {
        return pPage;
    }

    /** Whether that page is good. */
    boolean pIntact() {
        return pIntact;
    }

    /** The newest logged Q. */
    long qPage() {
        return qPage;
    }

    /** Which row of the decision table this stripe is. */
    ReplayCase replayCase() {
        int damaged = 0;
        for (int index = 0; index < pending.pages.length; index++) {
            damaged += newestIsDamaged(index) ? 1 : 0;
        }
        int intactParities = (pIntact ? 1 : 0) + (qIntact ? 1 : 0);
        return ReplayCase.of(
                !settled.isEmpty(), !pending.isEmpty(), parityCount - intactParities, intactParities, damaged);
    }

    /** For each slot the newest good page, and whether a damaged one is newer. */
    private static final class Layer {
        private final long[] pages;
        private final boolean[] damaged;

        Layer(int dataDisks) {
            pages = new long[dataDisks];
            damaged = new boolean[dataDisks];
            Arrays.fill(pages, NONE);
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
