package io.mdfuse.raid.writepath;

import java.util.BitSet;

/**
 * Which chunks of a lockless bitmap are in use, or were since its last tick, and which were trimmed. A trim of a
 * complete chunk counts only if no write touched the chunk between its begin and the moment at which that is recorded.
 * Not thread-safe: guarded by the lock of {@link LocklessBitmap}.
 */
final class ChunkActivity {
    private final ChunkCounts underWay = new ChunkCounts();
    private final BitSet recent = new BitSet();
    private final BitSet beingTrimmed = new BitSet();
    private final BitSet trimmed = new BitSet();

    void begin(BitSet chunks) {
        underWay.add(chunks);
        recent.or(chunks);
        beingTrimmed.andNot(chunks);
        trimmed.andNot(chunks);
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

    /** The chunks in which a write began since the last call. */
    BitSet takeRecent() {
        BitSet taken = (BitSet) recent.clone();
        recent.clear();
        return taken;
    }

    /** The chunks that were trimmed, and that no write has touched since. */
    BitSet trimmed() {
        return (BitSet) trimmed.clone();
    }

    boolean isTrimmed(int chunk) {
        return trimmed.get(chunk);
    }

    /** It is recorded that these chunks were trimmed, or a write has touched them. */
    void forgetTrimmed(BitSet chunks) {
        trimmed.andNot(chunks);
    }

    /** True if no write is under way in the chunk, and none began since {@link #takeRecent}. */
    boolean isUntouched(int chunk) {
        return !recent.get(chunk) && !underWay.isBusy(chunk);
    }
}
