package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a lockless bitmap leaves no room for a bad-block log. mdadm 4.6 puts the log of a small member behind a bitmap
 * of 4 KiB, which is inside the 128 KiB that it reserves for a lockless bitmap; and Linux 7.3 writes all of the 128 KiB
 * when it stops the array. So such a log is lost at the next stop, and of a larger member its entries and the states of
 * chunks are the same bytes.
 */
final class LocklessArea {
    private LocklessArea() {}

    /**
     * Why a bad-block log can't be at these sectors of a member; null if it can. A log in force is accepted as long as
     * no state is stored there.
     */
    static @Nullable String overlap(FoundDevice found, long fromSector, long endSector) {
        Superblock superblock = found.superblock();
        if (!superblock.hasFeature(Features.BITMAP)) {
            return null;
        }
        long area = superblock.superOffsetSectors() + superblock.bitmapOffsetSectors();
        try {
            BitmapSuperblock head = BitmapSuperblock.decode(
                    found.name(), BitmapArea.of(found).read(Sectors.BYTES), superblock.setUuid());
            long used = BitmapImage.lengthBytes(head, superblock.usedSectors(), superblock.pieceBytes());
            long reserved = superblock.hasFeature(Features.BAD_BLOCKS) ? 0 : head.reservedSectors();
            long end = area + Math.max(Sectors.roundUp(used, Sectors.BYTES) / Sectors.BYTES, reserved);
            boolean inside = head.lockless() && fromSector < end && area < endSector;
            return inside ? "its bad-block log lies inside its lockless bitmap: neither can be believed" : null;
        } catch (IOException e) {
            // The bitmap is checked, and refused, where it is read.
            return null;
        }
    }
}
