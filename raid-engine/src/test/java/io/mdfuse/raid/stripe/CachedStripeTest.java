package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CachedStripeTest {
    private final int[] released = new int[1];

    /** Every arrow of the diagram, and in each state every event that it has no arrow for. */
    @Test
    void onlyTheTransitionsOfTheDiagramAreAllowed() {
        try (PagePool pages = new PagePool()) {
            CachedStripe stripe = new CachedStripe(8, 2, () -> released[0]++);
            assertEquals(CachedStripe.State.CLEAN, stripe.state());
            assertThrows(IllegalStateException.class, stripe::beginWriteOut);
            assertThrows(IllegalStateException.class, stripe::failWriteOut);
            assertThrows(IllegalStateException.class, () -> stripe.endWriteOut(pages));
            stripe.page(0, pages);
            stripe.page(1, pages);
            assertEquals(CachedStripe.State.CACHING, stripe.state());
            assertThrows(IllegalStateException.class, stripe::failWriteOut);
            assertThrows(IllegalStateException.class, () -> stripe.endWriteOut(pages));
            stripe.beginWriteOut();
            assertEquals(CachedStripe.State.WRITING_OUT, stripe.state());
            assertThrows(IllegalStateException.class, stripe::beginWriteOut);
            assertThrows(IllegalStateException.class, () -> stripe.page(0, pages));
            stripe.failWriteOut();
            assertEquals(CachedStripe.State.CACHING, stripe.state());
            stripe.beginWriteOut();
            stripe.endWriteOut(pages);
            assertEquals(CachedStripe.State.CLEAN, stripe.state());
            assertEquals(0, released[0]);
            stripe.releaseLogSpace();
            assertEquals(1, released[0]);
        }
    }
}
