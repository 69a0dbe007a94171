package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.Rebuild;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rebuilds of an open array, as the attribute {@code sync_action} shows and controls them. */
interface RebuildControl {
    /** The newest rebuild; null if there was none. */
    @Nullable
    Rebuild newest();

    /** The rebuild in progress stops soon, and none starts until {@link #thaw}. Does not wait for the end. */
    void freeze();

    /** Ends {@link #freeze}: what is to be rebuilt is rebuilt, soon. No effect if nothing is frozen. */
    void thaw();

    /** Whether {@link #freeze} was the last call of it and {@link #thaw}. */
    boolean isFrozen();

    /** Whether {@link #freeze} is why a slot without a member in sync is not rebuilt. */
    boolean holdsBackRebuilds();

    /**
     * As {@link #thaw}, and starts the next rebuild, also one that has stopped because a stripe was lost.
     *
     * @throws IOException if the array is read-only
     */
    void retry() throws IOException;
}
