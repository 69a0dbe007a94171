package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Computes P and Q of a stripe block by block, so that only one data block must be in memory at a time. Not
 * thread-safe.
 *
 * <pre>
 *   P = D_0 +     D_1 +     D_2 + …          Q = D_0 + 2 * (D_1 + 2 * (D_2 + …))
 * </pre>
 *
 * Blocks must be added in descending order of their exponents, which Horner's rule requires. An exponent that is left
 * out counts as a block of zeros: a lost block, or in the DDF layouts the slot of P or Q.
 */
public final class SyndromeSum {
    private final MemorySegment p;
    private final MemorySegment q;
    private boolean empty = true;
    private int exponent;

    /** A sum that overwrites {@code p} and {@code q}; both have the length of the blocks. */
    public SyndromeSum(MemorySegment p, MemorySegment q) {
        this.p = p;
        this.q = q;
    }

    /**
     * Adds the block that Q weighs by 2 to the power of {@code blockExponent}.
     *
     * @throws IllegalArgumentException if the exponent is negative or not lower than the previous one
     */
    public void add(int blockExponent, MemorySegment block) {
        if (blockExponent < 0 || (!empty && blockExponent >= exponent)) {
            throw new IllegalArgumentException("exponent " + blockExponent + " after " + exponent);
        }
        if (empty) {
            p.copyFrom(block);
            q.copyFrom(block);
            empty = false;
        } else {
            FieldRuns.twice(q, exponent - blockExponent - 1);
            addNext(block);
        }
        exponent = blockExponent;
    }

    /** Completes the sum: only after this {@code p} and {@code q} are correct. */
    public void finish() {
        if (empty) {
            p.fill((byte) 0);
            q.fill((byte) 0);
        } else {
            FieldRuns.twice(q, exponent);
            exponent = 0;
        }
    }

    /** Adds the block of the next lower exponent. */
    private void addNext(MemorySegment block) {
        long lengthBytes = p.byteSize();
        if (block.byteSize() != lengthBytes) {
            throw new IllegalArgumentException("a block of " + block.byteSize() + " bytes in a sum of " + lengthBytes);
        }
        WordTile.Set tiles = WordTile.Set.ofThread();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            int words = (int) (tileBytes >> 3);
            MemorySegment pieceOfP = p.asSlice(at, tileBytes);
            MemorySegment pieceOfQ = q.asSlice(at, tileBytes);
            WordTile.load(tiles.p, pieceOfP, words);
            WordTile.load(tiles.q, pieceOfQ, words);
            WordTile.addSyndrome(tiles.p, tiles.q, block.asSlice(at, tileBytes), words);
            WordTile.store(tiles.p, pieceOfP, words);
            WordTile.store(tiles.q, pieceOfQ, words);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = block.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            p.set(ValueLayout.JAVA_BYTE, at, (byte) (p.get(ValueLayout.JAVA_BYTE, at) ^ octet));
            int weighed = (int) WordTile.twice(q.get(ValueLayout.JAVA_BYTE, at) & 0xff) ^ octet;
            q.set(ValueLayout.JAVA_BYTE, at, (byte) weighed);
        }
    }
}
