package io.mdfuse.raid.create;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.MetadataVersion;

/**
 * The layout of a device of a new array. All sizes are mdadm's defaults, so there is the same space for a later bitmap,
 * bad-block log and reshape.
 *
 * <pre>
 *   1.1, 1.2   superblock | bitmap space | bad-block log | ... headroom ... | data, from a whole MiB to the end
 *   1.0        data | bitmap space | bad-block log | superblock | 8 to 12 KiB
 * </pre>
 *
 * @param superSector the position of the superblock; negative if the device is too small for one
 * @param dataOffsetSectors the start of the data area
 * @param dataSizeSectors the size of the data area; not positive if the device is too small
 * @param badBlockLogOffsetSectors the position of the bad-block log relative to the superblock; may be negative
 */
public record DeviceSpace(
        long superSector, long dataOffsetSectors, long dataSizeSectors, int badBlockLogOffsetSectors) {
    /** The length of the bad-block log. */
    public static final int BAD_BLOCK_LOG_SECTORS = 8;

    private static final int SUPERBLOCK_SECTORS = 8;
    private static final int MEBIBYTE_SECTORS = 2048;
    private static final long MOST_HEADROOM_SECTORS = 128L * MEBIBYTE_SECTORS;
    private static final long GIBIBYTE_SECTORS = 1024L * MEBIBYTE_SECTORS;

    /** A partial parity log is at the position of the bitmap, and is larger. */
    static final int PPL_SECTORS = 2048;

    /** The layout of a device of an array without a partial parity log or a lockless bitmap. */
    public static DeviceSpace of(MetadataVersion version, long deviceSectors, int chunkSectors) {
        return of(version, deviceSectors, chunkSectors, 0);
    }

    /**
     * The layout of a device.
     *
     * @param deviceSectors the size of the device
     * @param chunkSectors the array's chunk size, because a reshape needs two chunks of headroom; 0 for a journal,
     *     which is never reshaped
     * @param areaSectors the length of a partial parity log or of a lockless bitmap; 0 for the usual space of a bitmap
     */
    public static DeviceSpace of(MetadataVersion version, long deviceSectors, int chunkSectors, int areaSectors) {
        int bitmap = areaSectors > 0 ? areaSectors : bitmapSpaceSectors(deviceSectors);
        long superSector = version.superSector(deviceSectors);
        if (version == MetadataVersion.V1_0) {
            long dataSize = superSector - bitmap - BAD_BLOCK_LOG_SECTORS;
            return new DeviceSpace(superSector, 0, dataSize, -BAD_BLOCK_LOG_SECTORS);
        }
        long headroom = MOST_HEADROOM_SECTORS;
        while (headroom * 1024 > deviceSectors && headroom / 2 >= 2L * chunkSectors) {
            headroom /= 2;
        }
        long reserved = 2L * SUPERBLOCK_SECTORS + BAD_BLOCK_LOG_SECTORS + bitmap + headroom;
        long dataOffset = Sectors.roundUp(reserved, MEBIBYTE_SECTORS);
        return new DeviceSpace(superSector, dataOffset, deviceSectors - dataOffset, SUPERBLOCK_SECTORS + bitmap);
    }

    /** The space for a bitmap or a partial parity log. */
    int bitmapOrPplSectors() {
        return badBlockLogOffsetSectors < 0
                ? (int) (superSector - dataSizeSectors) - BAD_BLOCK_LOG_SECTORS
                : badBlockLogOffsetSectors - SUPERBLOCK_SECTORS;
    }

    private static int bitmapSpaceSectors(long deviceSectors) {
        if (deviceSectors < 128) {
            return 0;
        }
        if (deviceSectors > 200 * GIBIBYTE_SECTORS) {
            return 256;
        }
        return deviceSectors > 8 * GIBIBYTE_SECTORS ? 128 : 8;
    }
}
