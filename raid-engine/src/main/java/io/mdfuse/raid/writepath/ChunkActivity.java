package io.mdfuse.raid.writepath;

import java.util.BitSet;

/**
 * Which chunks of a lockless bitmap are in use, or were since its last tick, and which were discarded: trimmed, and not
 * only to make them zeros. A trim of a complete chunk counts only if no write touched the chunk between its begin and
 * the moment at which that is recorded. Not thread-safe: guarded by the lock of {@link LocklessBitmap}.
 */
final class ChunkActivity {
    private final ChunkCounts underWay = new ChunkCounts();
    private final BitSet recent = new BitSet();
    private final BitSet beingTrimmed = new BitSet();
    private final BitSet trimmed = new BitSet();
    private final BitSet discarded = new BitSet();

    void begin(BitSet chunks) {
        underWay.add(chunks);
        recent.or(chunks);
        beingTrimmed.andNot(chunks);
        trimmed.andNot(chunks);
        discarded.andNot(chunks);
    }

    void end(BitSet chunks) {
        underWay.remove(chunks);
    }

    /** Follows {@link #begin} for a trim. */
    void beginTrim(BitSet covered) {
        beingTrimmed.or(covered);
    }

    /** Follows {@link #end} for a trim. */
    void endTrim(BitSet covered, boolean wasTrimmed) {
        BitSet untouched = (BitSet) covered.clone();
        untouched.and(beingTrimmed);
        beingTrimmed.andNot(covered);
        if (wasTrimmed) {
            untouched.stream().filter(chunk -> !underWay.isBusy(chunk)).forEach(trimmed::set);
        }
    }

    /** Of these chunks, those that were trimmed and not touched since have no content. */
    void discard(BitSet covered) {
        BitSet empty = (BitSet) covered.clone();
        empty.and(trimmed);
        trimmed.andNot(covered);
        discarded.or(empty);
    }

    /** The chunks in which a write began since the last call. */
    BitSet takeRecent() {
        BitSet taken = (BitSet) recent.clone();
        recent.clear();
        return taken;
    }

    /** The chunks that were trimmed and discarded, and that no write has touched since. */
    BitSet discarded() {
        return (BitSet) discarded.clone();
    }

    boolean isDiscarded(int chunk) {
        return discarded.get(chunk);
    }

    /** It is recorded that these chunks have no content, or a write has touched them. */
    void forgetDiscarded(BitSet chunks) {
        discarded.andNot(chunks);
    }

    /** True if no write is under way in the chunk, and none began since {@link #takeRecent}. */
    boolean isUntouched(int chunk) {
        return !recent.get(chunk) && !underWay.isBusy(chunk);
    }
}
