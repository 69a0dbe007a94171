package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.util.BitSet;

/** How runs become safe: one implementation for each consistency policy. */
public interface WritePath extends RunCommit {
    /** Returns once every write that had returned before this call survives a power failure. */
    void flush() throws IOException;

    /**
     * Rewrites blocks of stripes that did not fit the rest; the request is admitted. All that the run holds fits what
     * the members will hold then.
     *
     * @param lease covers the run's stripes
     * @param slots those that are written; all others hold what the run says already
     */
    void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException;

    /**
     * Sees to it that nothing can bring back what will be trimmed, and marks the array so that a crash from here on
     * until {@link #endTrim} leads to a resync. The caller holds no stripes.
     */
    void beginTrim(StripeRange stripes) throws IOException;

    /**
     * The members have been trimmed, or the trim has failed. The caller holds no stripes any more.
     *
     * @param trimmed whether every member that is in sync was trimmed
     */
    void endTrim(StripeRange stripes, boolean trimmed) throws IOException;
}
