package io.mdfuse.raid.superblock;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Predicate;

/**
 * The present state of every chunk of an array with a lockless bitmap, in memory. Its owner stores changes on the
 * members; reads need no lock. Thread-safe.
 */
public final class ChunkStates {
    private final long chunkSectors;
    private final AtomicIntegerArray states;

    /**
     * States that are all the same.
     *
     * @param chunkSectors member sectors in a chunk
     */
    ChunkStates(long chunkSectors, int chunks, ChunkState state) {
        this.chunkSectors = chunkSectors;
        this.states = new AtomicIntegerArray(chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
            set(chunk, state);
        }
    }

    /** Member sectors in a chunk. */
    public long chunkSectors() {
        return chunkSectors;
    }

    public int chunks() {
        return states.length();
    }

    public ChunkState get(int chunk) {
        return ChunkState.of((byte) states.get(chunk));
    }

    void set(int chunk, ChunkState state) {
        states.set(chunk, state.code());
    }

    /** The chunks of which this is true. */
    public BitSet where(Predicate<ChunkState> wanted) {
        BitSet found = new BitSet();
        for (int chunk = 0; chunk < chunks(); chunk++) {
            found.set(chunk, wanted.test(get(chunk)));
        }
        return found;
    }

    /** How many chunks are in each state. */
    public Map<ChunkState, Integer> counts() {
        Map<ChunkState, Integer> counts = new EnumMap<>(ChunkState.class);
        for (ChunkState state : ChunkState.values()) {
            counts.put(state, 0);
        }
        for (int chunk = 0; chunk < chunks(); chunk++) {
            counts.merge(get(chunk), 1, Integer::sum);
        }
        return counts;
    }

    /**
     * The first sector from {@code sector} on in a chunk of which this is true; {@link Long#MAX_VALUE} if there is
     * none.
     */
    public long firstSector(long sector, Predicate<ChunkState> wanted) {
        int from = (int) Math.min(sector / chunkSectors, chunks());
        for (int chunk = from; chunk < chunks(); chunk++) {
            if (wanted.test(get(chunk))) {
                return Math.max(sector, chunk * chunkSectors);
            }
        }
        return Long.MAX_VALUE;
    }

    /** True if this is true of every chunk that the interval of member sectors touches. */
    public boolean all(long fromSector, long endSector, Predicate<ChunkState> wanted) {
        return firstSector(fromSector, wanted.negate()) >= endSector;
    }
}
