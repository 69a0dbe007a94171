package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Checks that a method works on no stripes without a lease that covers them. */
public final class LeaseProof {
    /** A call that needs a lease on {@link #STRIPES}. */
    @FunctionalInterface
    public interface Call {
        void with(StripeLocks.Lease lease) throws Exception;
    }

    /** The stripes that each call works on. */
    public static final StripeRange STRIPES = new StripeRange(8, 24);

    private LeaseProof() {}

    /**
     * Fails unless the call is refused with a lease on other stripes, on some of the stripes, and with a closed one,
     * and succeeds with a lease on the stripes.
     */
    public static void assertNeeded(Call call) {
        StripeLocks locks = new StripeLocks();
        StripeRange firstOnly = STRIPES.split(1).getFirst();
        for (StripeRange range : new StripeRange[] {new StripeRange(24, 64), new StripeRange(0, 8), firstOnly}) {
            try (StripeLocks.Lease lease = locks.lock(range)) {
                assertRefused(call, lease, "not covered");
            }
        }
        StripeLocks.Lease closed = locks.lockAll();
        closed.close();
        assertRefused(call, closed, "closed");
        try (StripeLocks.Lease lease = locks.lock(STRIPES)) {
            assertDoesNotThrow(() -> call.with(lease));
        }
    }

    private static void assertRefused(Call call, StripeLocks.Lease lease, String why) {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> call.with(lease));
        assertTrue(String.valueOf(e.getMessage()).contains(why), e::toString);
    }
}
