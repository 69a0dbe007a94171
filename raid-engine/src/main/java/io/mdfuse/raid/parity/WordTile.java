package io.mdfuse.raid.parity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where sums are made: a small piece of a block as longs on the Java heap, from where it is copied to its place.
 *
 * <p>The compiler computes 64 bytes at once only if it knows that what a loop stores is not what the loop loads later.
 * It knows that of an array and native memory, but not of two pieces of native memory: XOR in place took three times as
 * long. A tile stays in the first-level cache, so the copy costs little. The loops are short, each with few operands,
 * since the compiler unrolls only those; they count with an int, since it does not vectorise others.
 */
final class WordTile {
    /** A tile for P, one for Q and one for an operand take a quarter of the first-level cache. */
    static final int BYTES = 4096;

    /** Stands for a block that is not there. */
    static final MemorySegment ZEROS =
            Arena.ofAuto().allocate(BYTES, Long.BYTES).asReadOnly();

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;
    private static final long WITHOUT_LOWEST_BITS = 0xfefe_fefe_fefe_fefeL;
    private static final long REDUCTIONS = 0x0101_0101_0101_0101L * GaloisField.REDUCTION;

    private WordTile() {}

    /** The tiles of a thread, freed with the thread. */
    static final class Set {
        private static final ThreadLocal<Set> OF_THREAD = ThreadLocal.withInitial(Set::new);

        final long[] p = new long[BYTES / Long.BYTES];
        final long[] q = new long[BYTES / Long.BYTES];
        final long[] sum = new long[BYTES / Long.BYTES];

        static Set ofThread() {
            return OF_THREAD.get();
        }
    }

    static void load(long[] tile, MemorySegment source, int words) {
        MemorySegment.copy(source, WORD, 0, tile, 0, words);
    }

    static void store(long[] tile, MemorySegment target, int words) {
        MemorySegment.copy(tile, 0, target, WORD, 0, words);
    }

    /** Sets the tile to the XOR of two sources. */
    static void setXor(long[] tile, MemorySegment a, MemorySegment b, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] = a.get(WORD, 8L * i) ^ b.get(WORD, 8L * i);
        }
    }

    /** Sets the tile to the XOR of four sources. */
    static void setXor(long[] tile, MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] = a.get(WORD, 8L * i) ^ b.get(WORD, 8L * i) ^ c.get(WORD, 8L * i) ^ d.get(WORD, 8L * i);
        }
    }

    /** Adds four sources to the tile. */
    static void addXor(long[] tile, MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] ^= a.get(WORD, 8L * i) ^ b.get(WORD, 8L * i) ^ c.get(WORD, 8L * i) ^ d.get(WORD, 8L * i);
        }
    }

    /** Sets p to low + high, q to low + 2 * high. */
    static void setSyndromes(long[] p, long[] q, MemorySegment low, MemorySegment high, int words) {
        for (int i = 0; i < words; i++) {
            long a = low.get(WORD, 8L * i);
            long b = high.get(WORD, 8L * i);
            p[i] = a ^ b;
            q[i] = twice(b) ^ a;
        }
    }

    /** Adds low + high to p; q becomes low + 2 * (high + 2 * q). */
    static void addSyndromes(long[] p, long[] q, MemorySegment low, MemorySegment high, int words) {
        for (int i = 0; i < words; i++) {
            long a = low.get(WORD, 8L * i);
            long b = high.get(WORD, 8L * i);
            p[i] ^= a ^ b;
            q[i] = twice(twice(q[i]) ^ b) ^ a;
        }
    }

    /** Adds the block to p; q becomes block + 2 * q. */
    static void addSyndrome(long[] p, long[] q, MemorySegment block, int words) {
        for (int i = 0; i < words; i++) {
            long a = block.get(WORD, 8L * i);
            p[i] ^= a;
            q[i] = twice(q[i]) ^ a;
        }
    }

    /** Doubles every byte of the tile. */
    static void twice(long[] tile, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] = twice(tile[i]);
        }
    }

    /**
     * Sets the tile to {@code factorA * a + factorB * b}, by Horner's rule over the bits of both factors, so that the
     * doublings serve both products.
     */
    static void setProducts(long[] tile, int factorA, MemorySegment a, int factorB, MemorySegment b, int words) {
        int bit = Math.max(Integer.highestOneBit(factorA), Integer.highestOneBit(factorB));
        setMasked(tile, mask(factorA, bit), a, mask(factorB, bit), b, words);
        for (bit >>= 1; bit > 0; bit >>= 1) {
            twiceAddMasked(tile, mask(factorA, bit), a, mask(factorB, bit), b, words);
        }
    }

    private static long mask(int factor, int bit) {
        return (factor & bit) == 0 ? 0 : -1L;
    }

    private static void setMasked(long[] tile, long maskA, MemorySegment a, long maskB, MemorySegment b, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] = (a.get(WORD, 8L * i) & maskA) ^ (b.get(WORD, 8L * i) & maskB);
        }
    }

    private static void twiceAddMasked(
            long[] tile, long maskA, MemorySegment a, long maskB, MemorySegment b, int words) {
        for (int i = 0; i < words; i++) {
            tile[i] = twice(tile[i]) ^ (a.get(WORD, 8L * i) & maskA) ^ (b.get(WORD, 8L * i) & maskB);
        }
    }

    /**
     * Doubles eight bytes at once: each byte is shifted, without its top bit, which would enter the next byte, and the
     * reduction is added to bytes whose top bit was set. Also correct for a single byte in the lowest position.
     */
    static long twice(long octets) {
        long top = octets & TOP_BITS;
        // 0x7f in each byte whose top bit was set, which covers the bits of the reduction.
        long reduced = (top - (top >>> 7)) & REDUCTIONS;
        return ((octets << 1) & WITHOUT_LOWEST_BITS) ^ reduced;
    }
}
