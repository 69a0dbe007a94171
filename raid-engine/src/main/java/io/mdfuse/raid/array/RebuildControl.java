package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.sync.Rebuild;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rebuilds of an open array, as the attribute {@code sync_action} shows and controls them. */
interface RebuildControl {
    /** For a read-only array, which rebuilds nothing. */
    RebuildControl READ_ONLY = new RebuildControl() {
        @Override
        public @Nullable Rebuild newest() {
            return null;
        }

        @Override
        public void freeze() {}

        @Override
        public boolean holdsBackRebuilds() {
            return false;
        }

        @Override
        public void retry() throws IOException {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array is mounted read-only: nothing is rebuilt");
        }
    };

    /** The newest rebuild; null if there was none. */
    @Nullable
    Rebuild newest();

    /** The rebuild in progress stops soon, and none starts until {@link #retry}. Does not wait for the end. */
    void freeze();

    /** Whether {@link #freeze} is why a slot without a member in sync is not rebuilt. */
    boolean holdsBackRebuilds();

    /**
     * Ends {@link #freeze}, and starts the next rebuild, also one that has stopped because a stripe was lost.
     *
     * @throws IOException if the array is read-only
     */
    void retry() throws IOException;
}
