package io.mdfuse.raid.parity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@link GaloisField} arithmetic over whole runs of memory, eight bytes at a time in one long. All segments of a call
 * have the same length, which may be any number of bytes.
 *
 * <p>Eight bytes are doubled at once: each byte is shifted, its top bit is masked so that it does not enter the next
 * byte, and the reduction is added to bytes whose top bit was set. All other operations consist of doublings and sums.
 * These two loops are short enough for the compiler to vectorise, so several passes over a tile in the first-level
 * cache are faster than one loop that does everything.
 */
final class FieldRuns {
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;
    private static final long WITHOUT_LOWEST_BITS = 0xfefe_fefe_fefe_fefeL;
    private static final long REDUCTIONS = 0x1d1d_1d1d_1d1d_1d1dL;
    private static final int TILE_BYTES = 8 * 1024;

    /** Holds a product before it is added: one tile for each thread, freed with the thread. */
    private static final ThreadLocal<MemorySegment> PRODUCT_TILE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(TILE_BYTES, Long.BYTES));

    private FieldRuns() {}

    /** Doubles every byte of {@code target}. */
    static void twice(MemorySegment target) {
        long lengthBytes = target.byteSize();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += 8) {
            target.set(ValueLayout.JAVA_LONG_UNALIGNED, at, twice(target.get(ValueLayout.JAVA_LONG_UNALIGNED, at)));
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            target.set(ValueLayout.JAVA_BYTE, at, (byte) twice(target.get(ValueLayout.JAVA_BYTE, at) & 0xff));
        }
    }

    /** Adds {@code factor} times {@code source} to {@code target}; they may be the same segment. */
    static void addProduct(MemorySegment target, int factor, MemorySegment source) {
        if (factor == 0) {
            return;
        }
        long lengthBytes = target.byteSize();
        MemorySegment productTile = PRODUCT_TILE.get();
        for (long tile = 0; tile < lengthBytes; tile += TILE_BYTES) {
            long tileBytes = Math.min(TILE_BYTES, lengthBytes - tile);
            MemorySegment product = productTile.asSlice(0, tileBytes);
            makeProduct(product, factor, source.asSlice(tile, tileBytes));
            XorParity.add(target.asSlice(tile, tileBytes), product);
        }
    }

    /** Horner's rule over the bits of the factor. */
    private static void makeProduct(MemorySegment product, int factor, MemorySegment source) {
        product.copyFrom(source);
        for (int bit = Integer.highestOneBit(factor) >> 1; bit > 0; bit >>= 1) {
            twice(product);
            if ((factor & bit) != 0) {
                XorParity.add(product, source);
            }
        }
    }

    /** Multiplies every byte of {@code target} by {@code factor}. */
    static void multiply(MemorySegment target, int factor) {
        // factor * target = target + (factor + 1) * target, since addition is XOR.
        addProduct(target, factor ^ 1, target);
    }

    /** Doubles eight bytes at once; also correct for a single byte in the lowest position. */
    private static long twice(long octets) {
        long top = octets & TOP_BITS;
        long reduced = ((top << 1) - (top >>> 7)) & REDUCTIONS;
        return ((octets << 1) & WITHOUT_LOWEST_BITS) ^ reduced;
    }
}
