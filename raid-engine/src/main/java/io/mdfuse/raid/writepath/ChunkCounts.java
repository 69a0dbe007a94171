package io.mdfuse.raid.writepath;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Counts the writes under way in each chunk of a bitmap; chunks without any take no memory. Not thread-safe. */
final class ChunkCounts {
    private final Map<Integer, Integer> counts = new HashMap<>();

    void add(BitSet chunks) {
        chunks.stream().forEach(chunk -> counts.merge(chunk, 1, Integer::sum));
    }

    void remove(BitSet chunks) {
        chunks.stream().forEach(chunk -> counts.computeIfPresent(chunk, (_, count) -> count == 1 ? null : count - 1));
    }

    boolean isBusy(int chunk) {
        return counts.containsKey(chunk);
    }
}
