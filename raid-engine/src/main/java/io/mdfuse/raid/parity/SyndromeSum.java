package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;

/**
 * P and Q of a stripe, summed up block by block, so that no more than one block has to be in memory beside them.
 *
 * <pre>
 *   P = D_0 +     D_1 +     D_2 + …          Q = D_0 + 2 * (D_1 + 2 * (D_2 + …))
 * </pre>
 *
 * Blocks come in descending order of their exponents, as Horner's rule wants them. An exponent that does not come
 * counts as a block of zeros: what is lost, or in the DDF layouts the place of P or Q.
 */
public final class SyndromeSum {
    private final MemorySegment p;
    private final MemorySegment q;
    private boolean empty = true;
    private int exponent;

    /** Sums into {@code p} and {@code q}, whatever they hold now; both have the length of the blocks. */
    public SyndromeSum(MemorySegment p, MemorySegment q) {
        this.p = p;
        this.q = q;
    }

    /** Adds the block that Q weighs with 2 to the power of {@code blockExponent}, lower than all before. */
    public void add(int blockExponent, MemorySegment block) {
        if (blockExponent < 0 || (!empty && blockExponent >= exponent)) {
            throw new IllegalArgumentException("exponent " + blockExponent + " after " + exponent);
        }
        if (empty) {
            p.copyFrom(block);
            q.copyFrom(block);
            empty = false;
        } else {
            descendTo(blockExponent);
            XorParity.add(p, block);
            XorParity.add(q, block);
        }
        exponent = blockExponent;
    }

    /** Ends the sum: now {@code p} and {@code q} are right. */
    public void finish() {
        if (empty) {
            p.fill((byte) 0);
            q.fill((byte) 0);
        } else {
            descendTo(0);
        }
    }

    private void descendTo(int lower) {
        for (; exponent > lower; exponent--) {
            FieldRuns.twice(q);
        }
    }
}
