package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@link GaloisField} products over whole runs of memory, by {@link WordTile}. All segments of a call have the same
 * length, which may be any number of bytes.
 */
final class FieldRuns {
    private FieldRuns() {}

    /** Doubles every byte of {@code target} as often as {@code times} says. */
    static void twice(MemorySegment target, int times) {
        if (times == 0) {
            return;
        }
        long[] tile = WordTile.Set.ofThread().sum;
        long lengthBytes = target.byteSize();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            int words = (int) (tileBytes >> 3);
            MemorySegment piece = target.asSlice(at, tileBytes);
            WordTile.load(tile, piece, words);
            for (int i = 0; i < times; i++) {
                WordTile.twice(tile, words);
            }
            WordTile.store(tile, piece, words);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = target.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            target.set(ValueLayout.JAVA_BYTE, at, (byte) GaloisField.product(GaloisField.power(times), octet));
        }
    }

    /** Sets {@code target}, which may be {@code a} or {@code b}, to {@code factorA * a + factorB * b}. */
    static void combine(MemorySegment target, int factorA, MemorySegment a, int factorB, MemorySegment b) {
        long[] tile = WordTile.Set.ofThread().sum;
        long lengthBytes = target.byteSize();
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            int words = (int) (tileBytes >> 3);
            WordTile.setProducts(tile, factorA, a.asSlice(at, tileBytes), factorB, b.asSlice(at, tileBytes), words);
            WordTile.store(tile, target.asSlice(at, tileBytes), words);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = GaloisField.product(factorA, a.get(ValueLayout.JAVA_BYTE, at) & 0xff)
                    ^ GaloisField.product(factorB, b.get(ValueLayout.JAVA_BYTE, at) & 0xff);
            target.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
        }
    }

    /** Adds {@code factor} times {@code source} to {@code target}; they may be the same segment. */
    static void addProduct(MemorySegment target, int factor, MemorySegment source) {
        if (factor == 1) {
            XorParity.add(target, source);
        } else if (factor != 0) {
            combine(target, factor, source, 1, target);
        }
    }

    /** Multiplies every byte of {@code target} by {@code factor}. */
    static void multiply(MemorySegment target, int factor) {
        combine(target, factor, target, 0, target);
    }
}
