package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntPredicate;

/**
 * Which one block of a RAID-6 stripe does not fit the others, found from the deltas of both parities: stored +
 * computed.
 *
 * <pre>
 *   at a byte     dP = 0, dQ = 0     no word from it
 *                 dP, dQ = 0         P is changed
 *                 dP = 0, dQ         Q is changed
 *                 dP, dQ             D_e is, with 2^e = dQ / dP
 * </pre>
 *
 * All bytes of a page have to tell the same, of a block that exists; if they do not, more than one block is wrong, and
 * nothing may be repaired on such evidence.
 *
 * @param kind what is wrong
 * @param exponent of the data block, where it is one; else -1
 */
public record CorruptBlock(Kind kind, int exponent) {
    /** What is wrong in a stripe. */
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
     * Locates it from the deltas of one page.
     *
     * @param hasData whether the stripe has a data block of that exponent
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
