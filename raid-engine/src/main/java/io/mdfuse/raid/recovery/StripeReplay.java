package io.mdfuse.raid.recovery;

import java.util.Arrays;

/**
 * What the journal holds of one stripe, gathered in log order. Pages are named by where they lie in the log.
 *
 * <p>Two layers, because parity covers only what came before it: <b>settled</b> data is covered by the newest
 * logged parity, <b>pending</b> data came later. (md writes the settled layer to the members when the first pending
 * block comes; kept apart, both can be written at once at the end.)
 */
final class StripeReplay {
    /** No page of this slot is in the log. */
    static final long NONE = -1;
    /** The log's newest page of this slot does not have its checksum. */
    static final long DAMAGED = -2;

    private final long[] settled;
    private final long[] pending;
    private long parity = NONE;

    StripeReplay(int dataDisks) {
        settled = new long[dataDisks];
        pending = new long[dataDisks];
        Arrays.fill(settled, NONE);
        Arrays.fill(pending, NONE);
    }

    void data(int dataIndex, long pageSector, boolean intact) {
        pending[dataIndex] = intact ? pageSector : DAMAGED;
    }

    void parity(long pageSector, boolean intact) {
        parity = intact ? pageSector : DAMAGED;
        for (int index = 0; index < pending.length; index++) {
            if (pending[index] != NONE) {
                settled[index] = pending[index];
                pending[index] = NONE;
            }
        }
    }

    /** The newest page that parity covers. */
    long settledPage(int dataIndex) {
        return settled[dataIndex];
    }

    /** The newest page of a slot, covered by parity or not. */
    long newestPage(int dataIndex) {
        return pending[dataIndex] == NONE ? settled[dataIndex] : pending[dataIndex];
    }

    /** The newest logged parity. */
    long parityPage() {
        return parity;
    }

    /** Which row of the decision table this stripe is. */
    ReplayCase replayCase() {
        return ReplayCase.of(
                !all(settled, NONE),
                !all(pending, NONE),
                parity != NONE && parity != DAMAGED,
                count(settled, DAMAGED),
                count(pending, DAMAGED));
    }

    private static boolean all(long[] pages, long value) {
        return count(pages, value) == pages.length;
    }

    private static int count(long[] pages, long value) {
        return (int) Arrays.stream(pages).filter(page -> page == value).count();
    }
}
