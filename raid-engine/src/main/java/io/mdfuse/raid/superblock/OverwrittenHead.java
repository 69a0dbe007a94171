package io.mdfuse.raid.superblock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The head of a lockless bitmap that md has stored states over. If the logical block of the array is larger than the
 * head, the head and the first states are one block to Linux 7.3. The second write to a chunk of that block marks all
 * of its bytes, so zeros of the head become {@link ChunkState#NEED_SYNC} and ones {@link ChunkState#DIRTY}. md then
 * takes the bitmap for one of another version and does not assemble the array any more.
 *
 * <p>Of the fields that are used here, md stores all but the version and the UUID again with each update of the
 * superblocks. The restored head is stale: the states are not believed, and the first writable opening stores all anew.
 */
final class OverwrittenHead {
    /** {@link BitmapSuperblock#LOCKLESS_VERSION} with its zeros turned into states. */
    private static final int VERSION = 0x03030306;

    private OverwrittenHead() {}

    /** A stale head in place of one that was overwritten; every other page is returned as it is. */
    static byte[] restore(byte[] page, byte[] setUuid) {
        ByteBuffer stored = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        if (stored.getInt(BitmapSuperblock.MAGIC) != BitmapSuperblock.MAGIC_VALUE
                || stored.getInt(BitmapSuperblock.VERSION) != VERSION
                || !isUuid(page, setUuid)) {
            return page;
        }
        ByteBuffer head = ByteBuffer.wrap(page.clone()).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(BitmapSuperblock.VERSION, BitmapSuperblock.LOCKLESS_VERSION);
        head.put(BitmapSuperblock.UUID, setUuid);
        head.putInt(BitmapSuperblock.STATE, BitmapSuperblock.STALE);
        head.putInt(BitmapSuperblock.WRITE_BEHIND, 0).putInt(BitmapSuperblock.NODES, 0);
        return head.array();
    }

    private static boolean isUuid(byte[] page, byte[] setUuid) {
        boolean fits = true;
        for (int at = 0; at < setUuid.length; at++) {
            byte stored = page[BitmapSuperblock.UUID + at];
            boolean marked = stored == ChunkState.NEED_SYNC.code() || stored == ChunkState.DIRTY.code();
            fits &= stored == setUuid[at]
                    || (marked && !ChunkState.of(setUuid[at]).isMarked());
        }
        return fits;
    }
}
