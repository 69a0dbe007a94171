package io.mdfuse.fuse;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Byte ranges that do not overlap, and the gaps between them. Not thread-safe: the owner's lock covers it. */
final class KeptRanges {
    /** More ranges than this become one, which spans them all. */
    private static final int MAX_RANGES = 1 << 16;

    /** The end of each range by its start, in bytes. */
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    /** What to do with one gap. */
    @FunctionalInterface
    interface GapAction {
        void apply(long fromBytes, long endBytes) throws IOException;
    }

    /** Adds a range; ranges that touch it are merged with it. */
    void add(long fromBytes, long endBytes) {
        if (fromBytes >= endBytes) {
            return;
        }
        long start = fromBytes;
        long end = endBytes;
        Map.Entry<Long, Long> neighbour = endByStart.floorEntry(end);
        while (neighbour != null && neighbour.getValue() >= start) {
            start = Math.min(start, neighbour.getKey());
            end = Math.max(end, neighbour.getValue());
            endByStart.remove(neighbour.getKey());
            neighbour = endByStart.floorEntry(end);
        }
        endByStart.put(start, end);
        if (endByStart.size() > MAX_RANGES) {
            start = endByStart.firstKey();
            end = endByStart.lastEntry().getValue();
            endByStart.clear();
            endByStart.put(start, end);
        }
    }

    /** Calls {@code action} for each part of the range that none of these ranges covers, in order. */
    void forEachGap(long fromBytes, long endBytes, GapAction action) throws IOException {
        long at = fromBytes;
        Map.Entry<Long, Long> before = endByStart.floorEntry(at);
        if (before != null) {
            at = Math.max(at, before.getValue());
        }
        for (Map.Entry<Long, Long> range :
                endByStart.subMap(fromBytes, false, endBytes, false).entrySet()) {
            if (at < range.getKey()) {
                action.apply(at, range.getKey());
            }
            at = Math.max(at, range.getValue());
        }
        if (at < endBytes) {
            action.apply(at, endBytes);
        }
    }

    /** Removes everything below {@code endBytes}. */
    void removeBelow(long endBytes) {
        Map.Entry<Long, Long> last = endByStart.lowerEntry(endBytes);
        long lastEnd = last == null ? 0 : last.getValue();
        endByStart.headMap(endBytes, false).clear();
        if (lastEnd > endBytes) {
            endByStart.put(endBytes, lastEnd);
        }
    }

    void clear() {
        endByStart.clear();
    }
}
