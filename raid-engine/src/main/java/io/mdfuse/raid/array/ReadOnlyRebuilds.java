package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.sync.Rebuild;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rebuilds of a read-only array: there are none, and {@code frozen} is only remembered, as md does. */
final class ReadOnlyRebuilds implements RebuildControl {
    private volatile boolean frozen;

    @Override
    public @Nullable Rebuild newest() {
        return null;
    }

    @Override
    public void freeze() {
        frozen = true;
    }

    @Override
    public void thaw() {
        frozen = false;
    }

    @Override
    public boolean isFrozen() {
        return frozen;
    }

    @Override
    public boolean holdsBackRebuilds() {
        return false;
    }

    @Override
    public void retry() throws IOException {
        throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array is mounted read-only: nothing is rebuilt");
    }
}
