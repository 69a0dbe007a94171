package io.mdfuse.raid.parity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@link GaloisField} arithmetic over whole runs of memory, eight bytes at a time in one long. All segments of a call
 * have the same length, which may be any number of bytes.
 *
 * <p>Doubling eight bytes at once: each byte is shifted, its top bit kept out of its neighbour, and where that bit was
 * set the reduction is added. Everything else is made of doublings and sums: these two loops are short enough for the
 * compiler to turn into vector instructions, so several passes over a tile in the first-level cache are faster than one
 * loop that does all.
 */
final class FieldRuns {
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;
    private static final long WITHOUT_LOWEST_BITS = 0xfefe_fefe_fefe_fefeL;
    private static final long REDUCTIONS = 0x1d1d_1d1d_1d1d_1d1dL;
    private static final int TILE_BYTES = 8 * 1024;

    /** Where a product is made before it is added: a tile for each thread, freed with it. */
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

    /** Multiplies every byte of {@code target}. */
    static void multiply(MemorySegment target, int factor) {
        // target + (factor + 1) * target, as 1 is its own opposite.
        addProduct(target, factor ^ 1, target);
    }

    /** Eight bytes at once; a byte alone in the lowest place works too. */
    private static long twice(long octets) {
        long top = octets & TOP_BITS;
        long reduced = ((top << 1) - (top >>> 7)) & REDUCTIONS;
        return ((octets << 1) & WITHOUT_LOWEST_BITS) ^ reduced;
    }
}
