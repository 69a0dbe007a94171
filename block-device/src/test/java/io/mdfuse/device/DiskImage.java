package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The content of a disk in memory, cheap to copy: images share their pieces until one of them is written.
 *
 * <p>A piece that was never written needs no memory and reads as zeros. One image may be used by one thread at a time;
 * two images that share pieces may be used by two threads.
 */
public final class DiskImage {
    private static final int PIECE_BYTES = 16 * 1024;

    private final long sizeBytes;
    private final byte[] @Nullable [] pieces;

    /** For each piece, whether it belongs to this image alone, so that it may be changed. */
    private final boolean[] owned;

    /** An image of zeros. */
    public DiskImage(long sizeBytes) {
        this.sizeBytes = sizeBytes;
        this.pieces = new byte[Math.toIntExact((sizeBytes + PIECE_BYTES - 1) / PIECE_BYTES)] @Nullable [];
        this.owned = new boolean[pieces.length];
    }

    private DiskImage(long sizeBytes, byte[] @Nullable [] pieces) {
        this.sizeBytes = sizeBytes;
        this.pieces = pieces;
        this.owned = new boolean[pieces.length];
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** A copy: a write to one of the two does not change the other. */
    public DiskImage copy() {
        Arrays.fill(owned, false);
        return new DiskImage(sizeBytes, pieces.clone());
    }

    public void read(long offsetBytes, MemorySegment target) {
        forEachPiece(offsetBytes, target.byteSize(), (piece, within, done, length) -> {
            byte[] bytes = pieces[piece];
            MemorySegment part = target.asSlice(done, length);
            if (bytes == null) {
                part.fill((byte) 0);
            } else {
                part.copyFrom(MemorySegment.ofArray(bytes).asSlice(within, length));
            }
        });
    }

    public void write(long offsetBytes, MemorySegment source) {
        forEachPiece(
                offsetBytes,
                source.byteSize(),
                (piece, within, done, length) ->
                        MemorySegment.copy(source, done, MemorySegment.ofArray(writable(piece)), within, length));
    }

    public void zero(long offsetBytes, long lengthBytes) {
        forEachPiece(offsetBytes, lengthBytes, (piece, within, done, length) -> {
            if (pieces[piece] != null) {
                Arrays.fill(writable(piece), within, within + length, (byte) 0);
            }
        });
    }

    /** All bytes, in a new array. */
    public byte[] toBytes() {
        byte[] bytes = new byte[Math.toIntExact(sizeBytes)];
        read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private byte[] writable(int piece) {
        byte[] bytes = pieces[piece];
        if (bytes == null) {
            bytes = new byte[PIECE_BYTES];
        } else if (!owned[piece]) {
            bytes = bytes.clone();
        }
        pieces[piece] = bytes;
        owned[piece] = true;
        return bytes;
    }

    private interface PieceAction {
        void apply(int piece, int withinBytes, long doneBytes, int lengthBytes);
    }

    private static void forEachPiece(long offsetBytes, long lengthBytes, PieceAction action) {
        long doneBytes = 0;
        while (doneBytes < lengthBytes) {
            long at = offsetBytes + doneBytes;
            int within = (int) (at % PIECE_BYTES);
            int length = (int) Math.min(PIECE_BYTES - within, lengthBytes - doneBytes);
            action.apply((int) (at / PIECE_BYTES), within, doneBytes, length);
            doneBytes += length;
        }
    }
}
