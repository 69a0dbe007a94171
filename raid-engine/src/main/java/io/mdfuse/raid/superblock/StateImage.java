package io.mdfuse.raid.superblock;

import java.util.BitSet;

/**
 * The bytes of a lockless bitmap: one {@link ChunkState} for each chunk. Its states are those of a {@link ChunkStates},
 * which it alone changes. Not thread-safe.
 *
 * <p>The bitmap is divided into pieces, the unit in which md writes it. If a chunk of a piece gets a mark while another
 * one has a mark, all chunks of the piece get one, as in md: the piece is written once, and not once for each of them.
 */
public final class StateImage extends BitmapImage {
    private final ChunkStates states;

    /**
     * An image with these states and no changed pages.
     *
     * @param pieceBytes as for {@link BitmapImage}
     */
    public StateImage(BitmapSuperblock head, long memberSectors, int pieceBytes, ChunkStates states) {
        super(head, memberSectors, pieceBytes);
        this.states = states;
        for (int chunk = 0; chunk < states.chunks(); chunk++) {
            bytes()[BitmapSuperblock.STATES + chunk] = states.get(chunk).code();
        }
    }

    /** The states as a bitmap without a member's own copy has them: every chunk the same. */
    public static ChunkStates uniform(BitmapSuperblock head, long memberSectors, boolean clean) {
        return new ChunkStates(
                head.chunkSectors(), head.chunks(memberSectors), clean ? ChunkState.CLEAN : ChunkState.UNWRITTEN);
    }

    /** The states in a bitmap's bytes. */
    static ChunkStates states(BitmapSuperblock head, byte[] bytes, int chunks) {
        ChunkStates states = new ChunkStates(head.chunkSectors(), chunks, head.firstState());
        for (int chunk = 0; chunk < chunks && !head.isNew(); chunk++) {
            states.set(chunk, ChunkState.of(bytes[BitmapSuperblock.STATES + chunk]));
        }
        return states;
    }

    /** True if every byte is one that {@link ChunkState} knows. */
    static boolean allKnown(BitmapSuperblock head, byte[] bytes, int chunks) {
        boolean known = !head.isNew();
        for (int chunk = 0; chunk < chunks; chunk++) {
            known &= ChunkState.isKnown(bytes[BitmapSuperblock.STATES + chunk]);
        }
        return known;
    }

    public ChunkStates states() {
        return states;
    }

    /**
     * Marks chunks that are about to be written, by md's rules: a chunk that was never written becomes
     * {@link ChunkState#NEED_SYNC}, others become {@link ChunkState#DIRTY}, or NEED_SYNC if the array is degraded.
     *
     * @param degraded whether a slot has no member in sync: then no other chunk gets a mark
     * @return the chunks that have a mark now, and perhaps had none before
     */
    public BitSet mark(BitSet chunks, boolean degraded) {
        BitSet marked = new BitSet();
        for (int chunk = chunks.nextSetBit(0); chunk >= 0; chunk = chunks.nextSetBit(chunk + 1)) {
            marked.set(chunk);
            if (states.get(chunk).isMarked()) {
                continue;
            }
            boolean others = anyMarkInPiece(chunk);
            markOne(chunk, degraded);
            if (others && !degraded) {
                marked.set(firstOfPiece(chunk), endOfPiece(chunk));
                for (int each = firstOfPiece(chunk); each < endOfPiece(chunk); each++) {
                    markOne(each, false);
                }
            }
        }
        return marked;
    }

    private void markOne(int chunk, boolean degraded) {
        ChunkState state = states.get(chunk);
        if (!state.isMarked()) {
            boolean dirty = state.hasParity() && !degraded;
            set(chunk, dirty ? ChunkState.DIRTY : ChunkState.NEED_SYNC);
        }
    }

    private boolean anyMarkInPiece(int chunk) {
        for (int each = firstOfPiece(chunk); each < endOfPiece(chunk); each++) {
            if (states.get(each).isMarked()) {
                return true;
            }
        }
        return false;
    }

    /** The first chunk whose state is in the same piece. */
    public int firstOfPiece(int chunk) {
        int piece = (BitmapSuperblock.STATES + chunk) / pieceBytes();
        return Math.max(0, piece * pieceBytes() - BitmapSuperblock.STATES);
    }

    /** The chunk behind the last one whose state is in the same piece. */
    public int endOfPiece(int chunk) {
        int piece = (BitmapSuperblock.STATES + chunk) / pieceBytes();
        return Math.min(states.chunks(), (piece + 1) * pieceBytes() - BitmapSuperblock.STATES);
    }

    /** Changes a state, on the members too. */
    public void set(int chunk, ChunkState state) {
        if (states.get(chunk) != state) {
            setInMemory(chunk, state);
            changed(BitmapSuperblock.STATES + chunk);
        }
    }

    /**
     * Changes a state that may stay different on the members: both mean the same to a program that opens the array. It
     * is stored when the page is written for another reason.
     */
    public void setInMemory(int chunk, ChunkState state) {
        states.set(chunk, state);
        bytes()[BitmapSuperblock.STATES + chunk] = state.code();
    }
}
