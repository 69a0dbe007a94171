package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.util.BitSet;

/**
 * The bytes that the write-intent bitmap should have on every member: head and bits or states, and which pages were
 * changed since the last write began. Not thread-safe.
 */
public abstract sealed class BitmapImage permits BitImage, StateImage {
    private static final int PAGE_BYTES = 4096;

    private final BitSet changedPages = new BitSet();
    private final byte[] bytes;
    private final int pieceBytes;
    private BitmapSuperblock head;

    /**
     * An image without bits or states.
     *
     * @param pieceBytes the unit in which it is written, a power of two from 512 to 4096: see
     *     {@link Superblock#pieceBytes}
     */
    BitmapImage(BitmapSuperblock head, long memberSectors, int pieceBytes) {
        this.bytes = new byte[lengthBytes(head, memberSectors, pieceBytes)];
        this.head = head;
        this.pieceBytes = pieceBytes;
        head.put(bytes);
    }

    /** The unit in which it is written: a piece is never torn. */
    final int pieceBytes() {
        return pieceBytes;
    }

    /** The length of a bitmap on disk, a multiple of {@code pieceBytes}. */
    static int lengthBytes(BitmapSuperblock head, long memberSectors, int pieceBytes) {
        int chunks = head.chunks(memberSectors);
        int usedBytes = head.lockless()
                ? BitmapSuperblock.STATES + chunks
                : BitmapSuperblock.BYTES + Math.ceilDiv(chunks, Byte.SIZE);
        return (int) Sectors.roundUp(usedBytes, pieceBytes);
    }

    public final BitmapSuperblock head() {
        return head;
    }

    /** Changes the event counts in the head. */
    public final void events(long events, long eventsCleared) {
        head = head.with(events, eventsCleared, head.syncSectors());
        head.put(bytes);
        changedPages.set(0);
    }

    /** The page that contains this byte has to be written. */
    final void changed(int at) {
        changedPages.set(at / PAGE_BYTES);
    }

    /** The pages that were changed since the last call. */
    public final BitSet takeChangedPages() {
        BitSet taken = (BitSet) changedPages.clone();
        changedPages.clear();
        return taken;
    }

    /** All its pages. */
    public final BitSet allPages() {
        BitSet all = new BitSet();
        all.set(0, Math.ceilDiv(bytes.length, PAGE_BYTES));
        return all;
    }

    final int pageFrom(int page) {
        return page * PAGE_BYTES;
    }

    final int pageEnd(int page) {
        return Math.min(bytes.length, (page + 1) * PAGE_BYTES);
    }

    final byte[] bytes() {
        return bytes;
    }
}
