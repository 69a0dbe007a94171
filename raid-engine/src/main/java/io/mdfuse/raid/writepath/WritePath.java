package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunCommit;
import java.io.IOException;

/** How runs become safe: one implementation for each consistency policy. */
public sealed interface WritePath extends RunCommit permits Unjournaled, WriteThrough {
    /** Returns once every write that had returned before this call survives a power failure. */
    void flush() throws IOException;

    /**
     * Takes stripes out of whatever could bring their old content back, and marks the array so that a crash from
     * here on until {@link #endTrim} leads to a resync. The stripes are held by the caller.
     */
    void beginTrim() throws IOException;

    /** The members have been trimmed, or the trim has failed. The stripes are still held by the caller. */
    void endTrim() throws IOException;
}
