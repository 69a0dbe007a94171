package io.mdfuse.raid.recovery;

import java.util.Iterator;

/**
 * Runs ahead of a replay and announces the blocks of members that the parity of data-only stripes will be made from, so
 * that all members load blocks of many stripes at the same time.
 */
final class ReplayAhead {
    private static final int STRIPES = 64;

    private final ReplayIndex index;
    private final DataOnlyStripes dataOnlyStripes;
    private final Iterator<Long> stripeSectors;
    private int ahead;

    ReplayAhead(ReplayIndex index, DataOnlyStripes dataOnlyStripes) {
        this.index = index;
        this.dataOnlyStripes = dataOnlyStripes;
        this.stripeSectors = index.stripeSectors().iterator();
    }

    /** The replay turns to its next stripe. */
    void next() {
        for (; ahead < STRIPES && stripeSectors.hasNext(); ahead++) {
            long stripeSector = stripeSectors.next();
            StripeReplay stripe = index.stripeAt(stripeSector);
            if (stripe.covered().isEmpty() && !stripe.uncovered().isEmpty()) {
                dataOnlyStripes.announce(stripeSector, stripe);
            }
        }
        ahead--;
    }
}
