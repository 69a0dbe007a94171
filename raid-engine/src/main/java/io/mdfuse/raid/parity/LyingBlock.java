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
public record LyingBlock(Kind kind, int exponent) {
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

    private static final LyingBlock NONE = new LyingBlock(Kind.NONE, -1);
    private static final LyingBlock SEVERAL = new LyingBlock(Kind.SEVERAL, -1);

    /**
     * Locates it from the deltas of one page.
     *
     * @param hasData whether the stripe has a data block of that exponent
     */
    public static LyingBlock locate(MemorySegment pDelta, MemorySegment qDelta, IntPredicate hasData) {
        LyingBlock located = NONE;
        for (long at = 0; at < pDelta.byteSize(); at++) {
            int p = pDelta.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            int q = qDelta.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            if (p == 0 && q == 0) {
                continue;
            }
            LyingBlock here = ofByte(p, q);
            if (located.kind == Kind.NONE) {
                located = here;
            } else if (!located.equals(here)) {
                return SEVERAL;
            }
        }
        return located.kind == Kind.DATA && !hasData.test(located.exponent) ? SEVERAL : located;
    }

    private static LyingBlock ofByte(int p, int q) {
        if (q == 0) {
            return new LyingBlock(Kind.P, -1);
        }
        if (p == 0) {
            return new LyingBlock(Kind.Q, -1);
        }
        int exponent = Math.floorMod(GaloisField.logarithm(q) - GaloisField.logarithm(p), GaloisField.ORDER);
        return new LyingBlock(Kind.DATA, exponent);
    }
}
