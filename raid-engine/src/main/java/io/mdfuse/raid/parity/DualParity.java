package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * P and Q, the two parities of RAID-6 (Linux lib/raid6): P is the XOR of a stripe's data blocks, Q their sum in
 * {@link GaloisField} with each block multiplied by its own power of two. These are two independent equations, so any
 * two lost blocks can be solved.
 *
 * <p>The layout defines the exponents. A lost block is solved from the <b>deltas</b> dP and dQ: the stored parity plus
 * the sum of the data blocks that are there, which is the sum of the lost blocks alone. All segments of a call have the
 * same length. Thread-safe for distinct segments.
 *
 * <pre>
 *   lost          known   solution
 *   D_a           P       D_a = dP
 *   D_a (and P)   Q       D_a = dQ / 2^a
 *   D_a, D_b      P, Q    D_b = (2^a dP + dQ) / (2^a + 2^b)      D_a = dP + D_b
 *   P, Q                  computed from the complete data
 * </pre>
 */
public final class DualParity {
    /** The tiles of both sums and of the source fit in the first-level cache. */
    private static final long TILE_BYTES = 8 * 1024;

    private DualParity() {}

    /**
     * Computes P and Q from the data.
     *
     * @param byExponent the data blocks, each at the index of its exponent; null counts as zeros
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
     * Updates P and Q for a change of one data block.
     *
     * @param difference XOR of the old and the new block
     */
    public static void addDifference(MemorySegment p, MemorySegment q, int exponent, MemorySegment difference) {
        XorParity.add(p, difference);
        FieldRuns.addProduct(q, GaloisField.power(exponent), difference);
    }

    /** Turns {@code qDelta} into the lost data block of this exponent. */
    public static void solveFromQ(MemorySegment qDelta, int exponent) {
        FieldRuns.multiply(qDelta, GaloisField.power(-exponent));
    }

    /**
     * Turns {@code pDelta} into the lost data block of exponent {@code a}, and {@code qDelta} into that of exponent
     * {@code b}.
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
