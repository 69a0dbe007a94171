package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import java.io.IOException;
import java.util.BitSet;

/** How runs become safe: one implementation for each consistency policy. */
public interface WritePath extends RunCommit {
    /** Returns once every write that had returned before this call survives a power failure. */
    void flush() throws IOException;

    /**
     * Rewrites blocks of stripes that did not fit the rest; the request is admitted and its stripes are held. All that
     * the run holds fits what the members will hold then.
     *
     * @param slots those that are written; all others hold what the run says already
     */
    void repair(RunWrite run, BitSet slots) throws IOException;

    /**
     * Sees to it that nothing can bring back what will be trimmed, and marks the array so that a crash from here on
     * until {@link #endTrim} leads to a resync. The caller holds no stripes.
     */
    void beginTrim(long fromStripeSector, long endStripeSector) throws IOException;

    /**
     * The members have been trimmed, or the trim has failed. The caller holds no stripes any more.
     *
     * @param trimmed whether every member that is in sync was trimmed
     */
    void endTrim(long fromStripeSector, long endStripeSector, boolean trimmed) throws IOException;
}
