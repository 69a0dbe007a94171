package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The part of a request that lies in one block.
 *
 * @param block its number
 * @param offsetInBlock the offset in the block at which the part begins, in bytes
 * @param offsetInRequest the offset in the request at which the part begins, in bytes
 * @param lengthBytes 1 to {@link Sectors#BLOCK_BYTES}
 */
record BlockPiece(long block, long offsetInBlock, long offsetInRequest, long lengthBytes) {
    /** The parts of a request, in ascending order. */
    static Iterable<BlockPiece> of(long offsetBytes, long requestBytes) {
        return () -> new Iterator<>() {
            private long at;

            @Override
            public boolean hasNext() {
                return at < requestBytes;
            }

            @Override
            public BlockPiece next() {
                if (at >= requestBytes) {
                    throw new NoSuchElementException();
                }
                long offsetInBlock = (offsetBytes + at) % Sectors.BLOCK_BYTES;
                long lengthBytes = Math.min(Sectors.BLOCK_BYTES - offsetInBlock, requestBytes - at);
                BlockPiece piece =
                        new BlockPiece((offsetBytes + at) / Sectors.BLOCK_BYTES, offsetInBlock, at, lengthBytes);
                at += lengthBytes;
                return piece;
            }
        };
    }

    boolean isWhole() {
        return lengthBytes == Sectors.BLOCK_BYTES;
    }

    MemorySegment of(MemorySegment request) {
        return request.asSlice(offsetInRequest, lengthBytes);
    }
}
