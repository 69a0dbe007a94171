package io.mdfuse.raid.stripe;

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

    /** Fails unless the call is refused with a lease of other stripes, of some of the stripes, and with a closed one. */
    public static void assertNeeded(Call call) {
        StripeLocks locks = new StripeLocks();
        for (StripeRange others : new StripeRange[] {
            new StripeRange(24, 64), new StripeRange(0, 8), STRIPES.split(1).getFirst()
        }) {
            try (StripeLocks.Lease lease = locks.lock(others)) {
                refused(call, lease, "not covered");
            }
        }
        StripeLocks.Lease closed = locks.lock(STRIPES);
        closed.close();
        refused(call, closed, "closed");
    }

    private static void refused(Call call, StripeLocks.Lease lease, String why) {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> call.with(lease));
        assertTrue(String.valueOf(e.getMessage()).contains(why), e::toString);
    }
}
