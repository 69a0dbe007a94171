package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.sync.Rebuild;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rebuilds of an open array, as {@code sync_action} controls them. */
interface RebuildControl {
    /** A read-only array rebuilds nothing. */
    RebuildControl READ_ONLY = new RebuildControl() {
        @Override
        public @Nullable Rebuild rebuild() {
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
    Rebuild rebuild();

    /** The rebuild in progress stops soon, and no spare takes a slot until {@link #retry}. */
    void freeze();

    /** Whether {@link #freeze} is why a slot without a member in sync is not rebuilt. */
    boolean holdsBackRebuilds();

    /** Rebuilds go on, also those that stopped because a stripe was lost. */
    void retry() throws IOException;
}
