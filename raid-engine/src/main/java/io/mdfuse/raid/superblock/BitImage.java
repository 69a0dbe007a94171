package io.mdfuse.raid.superblock;

import java.util.Arrays;
import java.util.BitSet;

/** The bytes of a bitmap of version 4: one bit for each chunk. Not thread-safe. */
public final class BitImage extends BitmapImage {
    private final BitSet bits = new BitSet();

    /**
     * An image with the given bits set and no changed pages.
     *
     * @param pieceBytes the unit in which it is written, a power of two from 512 to 4096: see
     *     {@link Superblock#pieceBytes}
     */
    public BitImage(BitmapSuperblock head, long memberSectors, int pieceBytes, BitSet set) {
        super(head, memberSectors, pieceBytes);
        set.stream().forEach(this::set);
        takeChangedPages();
    }

    /** The bits in a bitmap's bytes; those after the last chunk have no meaning and are left out. */
    static BitSet bits(byte[] bytes, int chunks) {
        BitSet bits = BitSet.valueOf(Arrays.copyOfRange(bytes, BitmapSuperblock.BYTES, bytes.length));
        bits.clear(chunks, Math.max(chunks, bits.length()));
        return bits;
    }

    /** A copy of the bits. */
    public BitSet bits() {
        return (BitSet) bits.clone();
    }

    public void set(int chunk) {
        change(chunk, true);
    }

    public void clear(int chunk) {
        change(chunk, false);
    }

    private void change(int chunk, boolean dirty) {
        if (bits.get(chunk) == dirty) {
            return;
        }
        bits.set(chunk, dirty);
        int at = BitmapSuperblock.BYTES + chunk / Byte.SIZE;
        bytes()[at] ^= (byte) (1 << chunk % Byte.SIZE);
        changed(at);
    }
}
