package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.Resync;
import org.jspecify.annotations.Nullable;

/**
 * Runs the {@link Resync} of an open array: once when the array is opened with parity in doubt, and again, from where
 * it stopped, when a rebuild has made an array whole whose resync the loss of a member had ended. Else an array whose
 * members are all in sync would keep stripes that survive no failure until the next mount.
 *
 * <p>{@link #startAgain} is called by rebuilds, of which one runs at a time; so no lock is needed.
 */
final class ResyncScheduler {
    private final PassParts passParts;
    private final ArrayParts parts;
    private final Resync.Completion completion;
    private volatile @Nullable Resync newest;

    ResyncScheduler(PassParts passParts, ArrayParts parts, Resync.Completion completion) {
        this.passParts = passParts;
        this.parts = parts;
        this.completion = completion;
        this.newest = parts.syncPosition().inSync() ? null : next();
    }

    private Resync next() {
        return new Resync(
                passParts, parts.syncPosition(), completion, parts.runtime().workers());
    }

    /** Has a worker run the resync of the opening, if one is needed. */
    void start() {
        Resync first = newest;
        if (first != null) {
            parts.runtime().workers().execute(first);
        }
    }

    /**
     * Has a worker go on where the last resync stopped. No effect if it was not stopped, if it still runs, or while a
     * slot has no member in sync.
     */
    void startAgain() {
        Resync last = newest;
        boolean whole = !parts.members().isBroken() && parts.members().degraded() == 0;
        if (last == null || last.underWay() || !last.endedEarly() || !whole) {
            return;
        }
        Resync again = next();
        newest = again;
        parts.runtime().workers().execute(again);
    }

    /** The newest resync; null if parity was known to be correct everywhere when the array was opened. */
    @Nullable
    Resync newest() {
        return newest;
    }
}
