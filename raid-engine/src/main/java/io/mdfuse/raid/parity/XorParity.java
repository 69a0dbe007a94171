package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * P, the parity of RAID-4/5 and the first parity of RAID-6: the XOR of a stripe's data blocks. XOR is its own inverse,
 * so the XOR of P and all data blocks except one is that block. Sums are made in a {@link WordTile}.
 */
public final class XorParity {
    /** How many sources one loop adds up. */
    private static final int GROUP = 4;

    private XorParity() {}

    /** Sets {@code target} to the XOR of all {@code sources}, each as long as the target. At least one source. */
    public static void sum(MemorySegment target, List<MemorySegment> sources) {
        long lengthBytes = target.byteSize();
        for (MemorySegment source : sources) {
            requireLength(lengthBytes, source);
        }
        long[] tile = WordTile.Set.ofThread().sum;
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            sumTile(tile, sources, at, tileBytes);
            WordTile.store(tile, target.asSlice(at, tileBytes), (int) (tileBytes >> 3));
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = 0;
            for (MemorySegment source : sources) {
                octet ^= source.get(ValueLayout.JAVA_BYTE, at);
            }
            target.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
        }
    }

    private static void sumTile(long[] tile, List<MemorySegment> sources, long at, long tileBytes) {
        int words = (int) (tileBytes >> 3);
        for (int first = 0; first < sources.size(); first += GROUP) {
            MemorySegment a = piece(sources, first, at, tileBytes);
            MemorySegment b = piece(sources, first + 1, at, tileBytes);
            MemorySegment c = piece(sources, first + 2, at, tileBytes);
            MemorySegment d = piece(sources, first + 3, at, tileBytes);
            if (first == 0) {
                WordTile.setXor(tile, a, b, c, d, words);
            } else {
                WordTile.addXor(tile, a, b, c, d, words);
            }
        }
    }

    private static MemorySegment piece(List<MemorySegment> sources, int index, long at, long tileBytes) {
        return index < sources.size() ? sources.get(index).asSlice(at, tileBytes) : WordTile.ZEROS;
    }

    /** Adds {@code source} to {@code target} in place; both have the same length, which may be any number of bytes. */
    public static void add(MemorySegment target, MemorySegment source) {
        long lengthBytes = target.byteSize();
        requireLength(lengthBytes, source);
        long[] tile = WordTile.Set.ofThread().sum;
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += WordTile.BYTES) {
            long tileBytes = Math.min(WordTile.BYTES, wordsEnd - at);
            int words = (int) (tileBytes >> 3);
            MemorySegment sum = target.asSlice(at, tileBytes);
            WordTile.setXor(tile, sum, source.asSlice(at, tileBytes), words);
            WordTile.store(tile, sum, words);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = target.get(ValueLayout.JAVA_BYTE, at) ^ source.get(ValueLayout.JAVA_BYTE, at);
            target.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
        }
    }

    private static void requireLength(long lengthBytes, MemorySegment source) {
        if (source.byteSize() != lengthBytes) {
            throw new IllegalArgumentException("XOR of " + lengthBytes + " with " + source.byteSize() + " bytes");
        }
    }
}
