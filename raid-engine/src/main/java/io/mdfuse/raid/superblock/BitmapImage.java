package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The bytes that the write-intent bitmap should have on every member: head and bits, and which pages were changed since
 * the last write began. Not thread-safe.
 */
public final class BitmapImage {
    private static final int PAGE_BYTES = 4096;

    private final BitSet bits = new BitSet();
    private final BitSet changedPages = new BitSet();
    private final byte[] bytes;
    private BitmapSuperblock head;

    /**
     * An image with the given bits set and no changed pages.
     *
     * @param pieceBytes the unit in which it is written, a power of two from 512 to 4096: see
     *     {@link Superblock#pieceBytes}
     */
    public BitmapImage(BitmapSuperblock head, long memberSectors, int pieceBytes, BitSet set) {
        this.bytes = new byte[lengthBytes(head, memberSectors, pieceBytes)];
        this.head = head;
        head.put(bytes);
        set.stream().forEach(this::set);
        changedPages.clear();
    }

    /** The length of a bitmap on disk, a multiple of {@code pieceBytes}. */
    static int lengthBytes(BitmapSuperblock head, long memberSectors, int pieceBytes) {
        int usedBytes = BitmapSuperblock.BYTES + Math.ceilDiv(head.chunks(memberSectors), Byte.SIZE);
        return (int) Sectors.roundUp(usedBytes, pieceBytes);
    }

    /** The bits in a bitmap's bytes; those after the last chunk have no meaning and are left out. */
    static BitSet bits(byte[] bytes, int chunks) {
        BitSet bits = BitSet.valueOf(Arrays.copyOfRange(bytes, BitmapSuperblock.BYTES, bytes.length));
        bits.clear(chunks, Math.max(chunks, bits.length()));
        return bits;
    }

    public BitmapSuperblock head() {
        return head;
    }

    /** Changes the event counts in the head. */
    public void events(long events, long eventsCleared) {
        head = head.with(events, eventsCleared, head.syncSectors());
        head.put(bytes);
        changedPages.set(0);
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
        bytes[at] ^= (byte) (1 << chunk % Byte.SIZE);
        changedPages.set(at / PAGE_BYTES);
    }

    /** The pages that were changed since the last call. */
    public BitSet takeChangedPages() {
        BitSet taken = (BitSet) changedPages.clone();
        changedPages.clear();
        return taken;
    }

    /** All its pages. */
    public BitSet allPages() {
        BitSet all = new BitSet();
        all.set(0, Math.ceilDiv(bytes.length, PAGE_BYTES));
        return all;
    }

    int pageFrom(int page) {
        return page * PAGE_BYTES;
    }

    int pageEnd(int page) {
        return Math.min(bytes.length, (page + 1) * PAGE_BYTES);
    }

    byte[] bytes() {
        return bytes;
    }
}
