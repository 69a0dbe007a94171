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
    private DualParity() {}

    /**
     * Computes P and Q from the data.
     *
     * @param byExponent the data blocks, each at the index of its exponent; null counts as zeros
     */
    public static void sum(MemorySegment p, MemorySegment q, List<? extends @Nullable MemorySegment> byExponent) {
        long lengthBytes = p.byteSize();
        WordTile.Set tiles = WordTile.Set.ofThread();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            int words = (int) (tileBytes >> 3);
            sumTile(tiles, byExponent, at, tileBytes);
            WordTile.store(tiles.p, p.asSlice(at, tileBytes), words);
            WordTile.store(tiles.q, q.asSlice(at, tileBytes), words);
        }
        if (wordsEnd < lengthBytes) {
            sumTail(p, q, byExponent, wordsEnd);
        }
    }

    /** Two blocks at a time, the highest exponents first. */
    private static void sumTile(
            WordTile.Set tiles, List<? extends @Nullable MemorySegment> byExponent, long at, long tileBytes) {
        int words = (int) (tileBytes >> 3);
        int last = (byExponent.size() - 1) & ~1;
        for (int exponent = last; exponent >= 0; exponent -= 2) {
            MemorySegment low = piece(byExponent, exponent, at, tileBytes);
            MemorySegment high = piece(byExponent, exponent + 1, at, tileBytes);
            if (exponent == last) {
                WordTile.setSyndromes(tiles.p, tiles.q, low, high, words);
            } else {
                WordTile.addSyndromes(tiles.p, tiles.q, low, high, words);
            }
        }
    }

    private static MemorySegment piece(
            List<? extends @Nullable MemorySegment> byExponent, int exponent, long at, long tileBytes) {
        MemorySegment block = exponent < byExponent.size() ? byExponent.get(exponent) : null;
        return block == null ? WordTile.ZEROS : block.asSlice(at, tileBytes);
    }

    /** The bytes after the last complete word. */
    private static void sumTail(
            MemorySegment p, MemorySegment q, List<? extends @Nullable MemorySegment> byExponent, long from) {
        SyndromeSum sum = new SyndromeSum(p.asSlice(from), q.asSlice(from));
        for (int exponent = byExponent.size() - 1; exponent >= 0; exponent--) {
            MemorySegment block = byExponent.get(exponent);
            if (block != null) {
                sum.add(exponent, block.asSlice(from));
            }
        }
        sum.finish();
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
        FieldRuns.combine(qDelta, GaloisField.product(weight, GaloisField.power(a)), pDelta, weight, qDelta);
        XorParity.add(pDelta, qDelta);
    }
}
