package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntPredicate;

/**
 * The one block of a RAID-6 stripe that does not fit the others, found from the deltas of both parities (stored +
 * computed), as in mdadm's raid6check.
 *
 * <pre>
 *   at one byte:  dP      dQ
 *                0       0         nothing is wrong at this byte
 *                other   0         P is wrong
 *                0       other     Q is wrong
 *                other   other     data block D_e is wrong, with 2^e = dQ / dP
 * </pre>
 *
 * All bytes of a page that are wrong must name the same block, and the stripe must have it; otherwise more than one
 * block is wrong, and nothing may be repaired by these deltas.
 *
 * @param kind which kind of block is wrong
 * @param exponent the exponent of the data block; -1 if {@code kind} is not {@code DATA}
 */
public record CorruptBlock(Kind kind, int exponent) {
    /** Which kind of block is wrong in a stripe. */
    public enum Kind {
        /** Nothing: both parities fit the data. */
        NONE,
        P,
        Q,
        /** One data block. */
        DATA,
        /** More than one block. */
        SEVERAL
    }

    private static final CorruptBlock NONE = new CorruptBlock(Kind.NONE, -1);
    private static final CorruptBlock SEVERAL = new CorruptBlock(Kind.SEVERAL, -1);

    /**
     * Locates the corrupt block from the deltas of one page.
     *
     * @param hasData tells whether the stripe has a data block of an exponent
     */
    public static CorruptBlock locate(MemorySegment pDelta, MemorySegment qDelta, IntPredicate hasData) {
        CorruptBlock located = NONE;
        for (long at = 0; at < pDelta.byteSize(); at++) {
            int p = pDelta.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            int q = qDelta.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            if (p == 0 && q == 0) {
                continue;
            }
            CorruptBlock here = ofByte(p, q);
            if (located.kind == Kind.NONE) {
                located = here;
            } else if (!located.equals(here)) {
                return SEVERAL;
            }
        }
        return located.kind == Kind.DATA && !hasData.test(located.exponent) ? SEVERAL : located;
    }

    private static CorruptBlock ofByte(int p, int q) {
        if (q == 0) {
            return new CorruptBlock(Kind.P, -1);
        }
        if (p == 0) {
            return new CorruptBlock(Kind.Q, -1);
        }
        int exponent = Math.floorMod(GaloisField.logarithm(q) - GaloisField.logarithm(p), GaloisField.ORDER);
        return new CorruptBlock(Kind.DATA, exponent);
    }
}
