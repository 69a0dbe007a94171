package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * P, the parity of RAID-4/5 and the first parity of RAID-6: the XOR of a stripe's data blocks. XOR is its own inverse,
 * so the XOR of P and all data blocks except one is that block.
 */
public final class XorParity {
    /** Sources are summed tile by tile, so that the target's tile stays in the first-level cache. */
    private static final long TILE_BYTES = 16 * 1024;

    private XorParity() {}

    /** Sets {@code target} to the XOR of all {@code sources}, each as long as the target. At least one source. */
    public static void sum(MemorySegment target, List<MemorySegment> sources) {
        long lengthBytes = target.byteSize();
        for (long tile = 0; tile < lengthBytes; tile += TILE_BYTES) {
            long tileBytes = Math.min(TILE_BYTES, lengthBytes - tile);
            MemorySegment sumOfTile = target.asSlice(tile, tileBytes);
            sumOfTile.copyFrom(sources.getFirst().asSlice(tile, tileBytes));
            for (int i = 1; i < sources.size(); i++) {
                add(sumOfTile, sources.get(i).asSlice(tile, tileBytes));
            }
        }
    }

    /** Adds {@code source} to {@code target} in place; both have the same length, which may be any number of bytes. */
    public static void add(MemorySegment target, MemorySegment source) {
        long lengthBytes = target.byteSize();
        if (source.byteSize() != lengthBytes) {
            throw new IllegalArgumentException("XOR of " + lengthBytes + " with " + source.byteSize() + " bytes");
        }
        long wordsEnd = lengthBytes & ~7L;
        for (long at = 0; at < wordsEnd; at += 8) {
            long word =
                    target.get(ValueLayout.JAVA_LONG_UNALIGNED, at) ^ source.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            target.set(ValueLayout.JAVA_LONG_UNALIGNED, at, word);
        }
        for (long at = wordsEnd; at < lengthBytes; at++) {
            int octet = target.get(ValueLayout.JAVA_BYTE, at) ^ source.get(ValueLayout.JAVA_BYTE, at);
            target.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
        }
    }
}
