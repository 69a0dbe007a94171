package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/**
 * Recognises the superblock of metadata 0.90, which is not served: without this, a disk of an old array would be
 * called empty, and an array could be created over it.
 *
 * <pre>
 *   place     the last 64 KiB-aligned 64 KiB of the device; 4096 bytes, in the byte order of its host
 *    0   4    magic 0xa92b4efc
 *    4   4    major version 0
 *    8   4    minor version 90, or 91 while it is reshaped
 *   24   4    ctime, seconds
 *  152   4    checksum: sum of all words with this one as zero, folded to 32 bits
 * </pre>
 */
final class Metadata090 {
    private static final int ALIGN_SECTORS = 128;
    private static final int MINOR_VERSION = 8;
    private static final int CTIME = 24;
    private static final int CHECKSUM = 152;

    private Metadata090() {}

    /** The first sector of the place on a device of this size; negative where it is too small. */
    static long superSector(long deviceSectors) {
        return Sectors.roundDown(deviceSectors, ALIGN_SECTORS) - ALIGN_SECTORS;
    }

    /** When the array was created, where there is a sound superblock of this kind. */
    static OptionalLong ctimeSeconds(BlockDevice device) throws DeviceException {
        long sector = superSector(Sectors.floorFromBytes(device.sizeBytes()));
        if (sector < 0) {
            return OptionalLong.empty();
        }
        ByteBuffer page = ByteBuffer.wrap(DevicePage.read(device, sector, SuperblockLayout.READ_BYTES));
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            if (isSound(page.order(order))) {
                return OptionalLong.of(Integer.toUnsignedLong(page.getInt(CTIME)));
            }
        }
        return OptionalLong.empty();
    }

    private static boolean isSound(ByteBuffer page) {
        int minor = page.getInt(MINOR_VERSION);
        boolean named = page.getInt(0) == SuperblockLayout.MAGIC_VALUE
                && page.getInt(SuperblockLayout.MAJOR_VERSION) == 0
                && (minor == 90 || minor == 91);
        return named && page.getInt(CHECKSUM) == checksum(page);
    }

    private static int checksum(ByteBuffer page) {
        long sum = -Integer.toUnsignedLong(page.getInt(CHECKSUM));
        for (int at = 0; at < SuperblockLayout.READ_BYTES; at += 4) {
            sum += Integer.toUnsignedLong(page.getInt(at));
        }
        return (int) (sum + (sum >>> 32));
    }
}
