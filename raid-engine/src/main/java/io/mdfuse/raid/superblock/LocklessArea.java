package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a lockless bitmap leaves no room for a bad-block log. mdadm 4.6 puts the log of a small member behind a bitmap
 * of 4 KiB, which is inside the 128 KiB that it reserves for a lockless bitmap; and Linux 7.3 writes all of the 128 KiB
 * when it stops the array.
 *
 * <pre>
 *   the log lies                        not in force      in force
 *   behind the bitmap                   a log             a log
 *   inside, where no state is stored    no log            believed; but if it is zeros, the list was overwritten
 *   inside, where states are stored     no log            neither can be believed
 * </pre>
 *
 * After that it is not known which blocks of the member are out of date, and md does not take the member any more.
 */
final class LocklessArea {
    private static final String OVERWRITTEN = "has bad blocks, and the list of them was overwritten together with its"
            + " lockless bitmap, as Linux 7.3 does when it stops an array: leave the device out and have it rebuilt,"
            + " since blocks of it are out of date (--ignore-bad-block-lists takes it as it is)";

    private LocklessArea() {}

    /** Why a bad-block log can't be at these sectors of a member; null if it can. */
    static @Nullable String overlap(FoundDevice found, long fromSector, long endSector) {
        Superblock superblock = found.superblock();
        if (!superblock.hasFeature(Features.BITMAP)) {
            return null;
        }
        long area = superblock.superOffsetSectors() + superblock.bitmapOffsetSectors();
        try {
            BitmapSuperblock head = BitmapSuperblock.decode(
                    found.name(), BitmapArea.of(found).read(Sectors.BYTES), superblock.setUuid());
            int usedBytes = BitmapImage.lengthBytes(head, superblock.usedSectors(), superblock.pieceBytes());
            long usedEnd = area + usedBytes / Sectors.BYTES;
            long end = Math.max(usedEnd, area + head.reservedSectors());
            if (!head.lockless() || fromSector >= end || area >= endSector) {
                return null;
            }
            if (!superblock.hasFeature(Features.BAD_BLOCKS) || fromSector < usedEnd) {
                return "its bad-block log lies inside its lockless bitmap: neither can be believed";
            }
            byte[] list = DevicePage.read(found.device(), fromSector, (int) Sectors.toBytes(endSector - fromSector));
            return Arrays.equals(list, new byte[list.length]) ? OVERWRITTEN : null;
        } catch (IOException e) {
            // The bitmap is checked, and refused, where it is read; so is the list.
            return null;
        }
    }
}
