package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.util.BitSet;

/** Commits runs so that a crash can't damage their stripes: one implementation for journaled arrays, one for others. */
public interface WritePath extends RunCommit {
    /** Waits until every write that returned before this call is durable. */
    void flush() throws IOException;

    /**
     * Rewrites blocks of stripes whose data and parity did not match; the request is admitted. The run's data and
     * parity are those that the members will have then.
     *
     * @param lease covers the run's stripes
     * @param slots the slots to write; all others have the run's content already
     */
    void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException;

    /**
     * Makes sure that no replay can restore the blocks that will be trimmed, and marks the array so that a crash from
     * here on until {@link #endTrim} leads to a resync. The caller must not have a lease.
     */
    void beginTrim(StripeRange stripes) throws IOException;

    /**
     * The members have been trimmed, or the trim has failed. The caller must not have a lease any more.
     *
     * @param trimmed whether every member in sync was trimmed
     */
    void endTrim(StripeRange stripes, boolean trimmed) throws IOException;

    /** These stripes were trimmed, and what they held was given up. */
    default void discarded(StripeRange stripes) {}
}
