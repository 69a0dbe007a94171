package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * P and Q, the two parities of RAID-6: the XOR of a stripe's data blocks, and their sum in {@link GaloisField} in which
 * each block is weighed by its own power of two. Two sums, so any two blocks that are lost can be solved.
 *
 * <p>The exponents are the layout's choice. What is lost is solved from the <b>deltas</b>, the differences between the
 * stored parities and the sums of what is there: dP and dQ are then the sums of the lost blocks alone.
 *
 * <pre>
 *   lost          known   solution
 *   D_a           P       D_a = dP
 *   D_a (and P)   Q       D_a = dQ / 2^a
 *   D_a, D_b      P, Q    D_b = (2^a dP + dQ) / (2^a + 2^b)      D_a = dP + D_b
 *   P, Q                  made from the data, once that is complete
 * </pre>
 */
public final class DualParity {
    /** Both sums' tiles and the source's stay in the first-level cache. */
    private static final long TILE_BYTES = 8 * 1024;

    private DualParity() {}

    /**
     * Makes P and Q.
     *
     * @param byExponent the data blocks at the places of their exponents; null counts as zeros
     */
    public static void sum(MemorySegment p, MemorySegment q, List<? extends @Nullable MemorySegment> byExponent) {
        long lengthBytes = p.byteSize();
        for (long tile = 0; tile < lengthBytes; tile += TILE_BYTES) {
            long tileBytes = Math.min(TILE_BYTES, lengthBytes - tile);
            SyndromeSum sum = new SyndromeSum(p.asSlice(tile, tileBytes), q.asSlice(tile, tileBytes));
            for (int exponent = byExponent.size() - 1; exponent >= 0; exponent--) {
                MemorySegment block = byExponent.get(exponent);
                if (block != null) {
                    sum.add(exponent, block.asSlice(tile, tileBytes));
                }
            }
            sum.finish();
        }
    }

    /**
     * Takes a change of one data block over into P and Q.
     *
     * @param difference old block + new block
     */
    public static void addDifference(MemorySegment p, MemorySegment q, int exponent, MemorySegment difference) {
        XorParity.add(p, difference);
        FieldRuns.addProduct(q, GaloisField.power(exponent), difference);
    }

    /** Turns {@code qDelta} into the one lost data block. */
    public static void solveFromQ(MemorySegment qDelta, int exponent) {
        FieldRuns.multiply(qDelta, GaloisField.power(-exponent));
    }

    /**
     * Turns {@code pDelta} into the lost data block of exponent {@code a}, and {@code qDelta} into that of {@code b}.
     */
    public static void solveTwo(MemorySegment pDelta, MemorySegment qDelta, int a, int b) {
        if (a == b) {
            throw new IllegalArgumentException("two blocks of exponent " + a);
        }
        int weight = GaloisField.inverse(GaloisField.power(a) ^ GaloisField.power(b));
        long lengthBytes = pDelta.byteSize();
        for (long tile = 0; tile < lengthBytes; tile += TILE_BYTES) {
            long tileBytes = Math.min(TILE_BYTES, lengthBytes - tile);
            MemorySegment first = pDelta.asSlice(tile, tileBytes);
            MemorySegment second = qDelta.asSlice(tile, tileBytes);
            FieldRuns.multiply(second, weight);
            FieldRuns.addProduct(second, GaloisField.product(weight, GaloisField.power(a)), first);
            XorParity.add(first, second);
        }
    }
}
