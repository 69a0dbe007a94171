package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import org.jspecify.annotations.Nullable;

/**
 * The passes over all stripes of an open array that run in the background.
 *
 * @param resyncs the resync and what follows it; null if the array is read-only
 * @param lazySyncs makes the parity of chunks that were never synced; null if the array has no lockless bitmap, or is
 *     read-only
 * @param scrub compares stripes; if the array can be written, it can repair them too
 * @param rebuilds the rebuilds, of which one runs at a time
 * @param paces the speed limits of the passes
 */
record BackgroundPasses(
        @Nullable ResyncScheduler resyncs,
        @Nullable LazySyncScheduler lazySyncs,
        Scrub scrub,
        RebuildControl rebuilds,
        SyncPaces paces) {
    /** The newest resync; null if parity was known to be correct everywhere when the array was opened. */
    @Nullable
    Resync resync() {
        return resyncs == null ? null : resyncs.newest();
    }

    /** The passes of a read-only array: a scrub that only compares. Resync and rebuild would write. */
    static BackgroundPasses readOnly(Scrub scrub, SyncPaces paces) {
        return new BackgroundPasses(null, null, scrub, new ReadOnlyRebuilds(), paces);
    }
}
