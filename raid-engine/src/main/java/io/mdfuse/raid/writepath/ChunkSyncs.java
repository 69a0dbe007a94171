package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.ChunkStates;
import io.mdfuse.raid.superblock.StateImage;
import java.util.BitSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Which chunks of a lockless bitmap need their parity made, and what is known of those in which that has begun. All of
 * it is in memory: {@link ChunkState#NEED_SYNC}, SYNCING and DIRTY mean the same for a crash.
 *
 * <pre>
 *   NEED_SYNC ──beginSync()──▶ SYNCING ──synced()──▶ DIRTY
 *       ▲                        │ notSynced(), or a write of the chunk failed
 *       └────────────────────────┘
 * </pre>
 *
 * Thread-safe.
 */
public final class ChunkSyncs {
    private final ChunkStates states;
    private final BitmapDisks<StateImage> disks;
    private final Runnable whenSynced;
    /** The chunks with a block that can't be read, until a write touches them. */
    private final ConcurrentSkipListSet<Integer> unreadable = new ConcurrentSkipListSet<>();

    ChunkSyncs(ChunkStates states, BitmapDisks<StateImage> disks, Runnable whenSynced) {
        this.states = states;
        this.disks = disks;
        this.whenSynced = whenSynced;
    }

    /** The first chunk from this one on whose parity should be made; -1 if there is none. */
    public int next(int fromChunk) {
        for (int chunk = fromChunk; chunk < states.chunks(); chunk++) {
            if (states.get(chunk) == ChunkState.NEED_SYNC && !unreadable.contains(chunk)) {
                return chunk;
            }
        }
        return -1;
    }

    /** The stripes of a chunk. */
    public StripeRange stripesOf(int chunk, long memberSectors) {
        return new ChunkRanges(states.chunkSectors()).stripesOf(chunk, memberSectors);
    }

    /** The parity of all stripes of this chunk will be made, each under its lease; then follows one of the next two. */
    public void beginSync(int chunk) {
        move(chunk, ChunkState.NEED_SYNC, ChunkState.SYNCING);
    }

    /** The parity of the chunk was made. No effect if a write of the chunk has failed since {@link #beginSync}. */
    public void synced(int chunk) {
        move(chunk, ChunkState.SYNCING, ChunkState.DIRTY);
        whenSynced.run();
    }

    /**
     * The parity of the chunk was not made.
     *
     * @param isUnreadable whether a block can't be read, so that it is not tried again before a write
     */
    public void notSynced(int chunk, boolean isUnreadable) {
        move(chunk, ChunkState.SYNCING, ChunkState.NEED_SYNC);
        if (isUnreadable) {
            unreadable.add(chunk);
        }
    }

    /** A resync of all chunks with a mark begins at this sector; {@link #resyncDone} follows if it comes to its end. */
    public void resyncBegins(long fromSector) {
        BitSet chunks = states.where(state -> state == ChunkState.NEED_SYNC);
        chunks.clear(0, (int) Math.ceilDiv(fromSector, states.chunkSectors()));
        chunks.stream().forEach(this::beginSync);
    }

    /** The resync has made the parity of every chunk that it was to pass. */
    public void resyncDone() {
        states.where(state -> state == ChunkState.SYNCING).stream().forEach(this::synced);
    }

    /** Writes of these chunks begin. */
    void touch(BitSet chunks) {
        if (!unreadable.isEmpty()) {
            chunks.stream().forEach(unreadable::remove);
        }
    }

    /** A write of these chunks has failed: the parity of some of their stripes may not match. */
    void failed(BitSet chunks) {
        disks.ask(image -> {
            chunks.stream().forEach(chunk -> image.setInMemory(chunk, ChunkState.NEED_SYNC));
            return image;
        });
    }

    private void move(int chunk, ChunkState from, ChunkState to) {
        disks.ask(image -> {
            if (states.get(chunk) == from) {
                image.setInMemory(chunk, to);
            }
            return image;
        });
    }
}
