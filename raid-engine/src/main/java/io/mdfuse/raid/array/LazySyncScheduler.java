package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.LazySync;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.writepath.ChunkSyncs;
import io.mdfuse.raid.writepath.TimedTask;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link LazySync} while an array with a lockless bitmap has chunks whose parity was never made, one pass at a
 * time. The bitmap asks for it at its ticks, so what was written in the meantime is in one pass. Nothing runs while the
 * resync after a crash has not finished, or a slot has no member in sync: then parity can't be made.
 *
 * <p>Only the search, a task that never runs twice at the same time, starts passes; so no lock is needed.
 */
final class LazySyncScheduler {
    private final PassParts passParts;
    private final ArrayParts parts;
    private final ChunkSyncs syncs;
    private final TimedTask search;
    private volatile @Nullable LazySync newest;

    LazySyncScheduler(PassParts passParts, ArrayParts parts, ChunkSyncs syncs) {
        this.passParts = passParts;
        this.parts = parts;
        this.syncs = syncs;
        this.search = parts.runtime().taskThreads().task(this::startNext);
    }

    /** Starts a pass on a worker, soon, if one is needed and possible. Never waits. */
    void startSoon() {
        search.runAfter(0);
    }

    private void startNext() {
        LazySync running = newest;
        boolean possible = parts.syncPosition().inSync() && parts.members().degraded() == 0;
        if (!possible || (running != null && running.underWay()) || syncs.next(0) < 0) {
            return;
        }
        LazySync started = new LazySync(passParts, syncs, parts.runtime().workers());
        newest = started;
        parts.runtime().workers().execute(started);
    }

    /** The newest pass; null if there was none. */
    @Nullable
    LazySync newest() {
        return newest;
    }

    /** Ends the pass under way; none starts any more. The caller holds no lock. */
    void stop() throws IOException {
        search.close();
        LazySync running = newest;
        if (running != null) {
            try {
                running.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the first parity was made", e);
            }
        }
    }
}
