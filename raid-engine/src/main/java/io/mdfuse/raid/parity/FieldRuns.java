package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@link GaloisField} arithmetic over whole runs of memory, eight bytes at a time in one long. All segments of a call
 * have the same length, which may be any number of bytes.
 *
 * <p>Doubling eight bytes at once: each byte is shifted, its top bit kept out of its neighbour, and where that bit was
 * set the reduction is added. Multiplying by a constant is seven doublings at most, with a sum wherever the
 * constant has a bit; written without a branch or a table, so that the compiler may turn it into vector instructions.
 */
final class FieldRuns {
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;
    private static final long WITHOUT_LOWEST_BITS = 0xfefe_fefe_fefe_fefeL;
    private static final long REDUCTIONS = 0x1d1d_1d1d_1d1d_1d1dL;

    private FieldRuns() {}

    /** Doubles every byte of {@code target}. */
    static void twice(MemorySegment target) {
        long lengthBytes = target.byteSize();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += 8) {
            target.set(ValueLayout.JAVA_LONG_UNALIGNED, at, twice(target.get(ValueLayout.JAVA_LONG_UNALIGNED, at)));
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            target.set(ValueLayout.JAVA_BYTE, at, (byte) twice(octet(target, at)));
        }
    }

    /** One step of Horner's rule for both sums: adds {@code block} to {@code p}, and to the double of {@code q}. */
    static void addAndTwiceAdd(MemorySegment p, MemorySegment q, MemorySegment block) {
        long lengthBytes = requireSameLength(p, block);
        requireSameLength(q, block);
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += 8) {
            long word = block.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            p.set(ValueLayout.JAVA_LONG_UNALIGNED, at, p.get(ValueLayout.JAVA_LONG_UNALIGNED, at) ^ word);
            q.set(ValueLayout.JAVA_LONG_UNALIGNED, at, twice(q.get(ValueLayout.JAVA_LONG_UNALIGNED, at)) ^ word);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            byte single = block.get(ValueLayout.JAVA_BYTE, at);
            p.set(ValueLayout.JAVA_BYTE, at, (byte) (p.get(ValueLayout.JAVA_BYTE, at) ^ single));
            q.set(ValueLayout.JAVA_BYTE, at, (byte) (twice(octet(q, at)) ^ single));
        }
    }

    /** Adds {@code factor} times {@code source} to {@code target}. */
    static void addProduct(MemorySegment target, int factor, MemorySegment source) {
        long lengthBytes = requireSameLength(target, source);
        long wordsEnd = lengthBytes & ~7L;
        long bit7 = mask(factor, 7);
        long bit6 = mask(factor, 6);
        long bit5 = mask(factor, 5);
        long bit4 = mask(factor, 4);
        long bit3 = mask(factor, 3);
        long bit2 = mask(factor, 2);
        long bit1 = mask(factor, 1);
        long bit0 = mask(factor, 0);
        for (long at = 0; at < wordsEnd; at += 8) {
            long word = source.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            long product = word & bit7;
            product = twice(product) ^ (word & bit6);
            product = twice(product) ^ (word & bit5);
            product = twice(product) ^ (word & bit4);
            product = twice(product) ^ (word & bit3);
            product = twice(product) ^ (word & bit2);
            product = twice(product) ^ (word & bit1);
            product = twice(product) ^ (word & bit0);
            target.set(ValueLayout.JAVA_LONG_UNALIGNED, at, target.get(ValueLayout.JAVA_LONG_UNALIGNED, at) ^ product);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int product = GaloisField.product(factor, octet(source, at));
            target.set(ValueLayout.JAVA_BYTE, at, (byte) (octet(target, at) ^ product));
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

    private static long mask(int factor, int bit) {
        return -(long) (factor >> bit & 1);
    }

    private static int octet(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private static long requireSameLength(MemorySegment one, MemorySegment other) {
        if (one.byteSize() != other.byteSize()) {
            throw new IllegalArgumentException("a sum of " + one.byteSize() + " and " + other.byteSize() + " bytes");
        }
        return one.byteSize();
    }
}
