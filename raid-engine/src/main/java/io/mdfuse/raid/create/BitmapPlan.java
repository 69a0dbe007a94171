package io.mdfuse.raid.create;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.MetadataVersion;

/**
 * The chunk size and the position of a new write-intent bitmap, by mdadm's rules.
 *
 * <pre>
 *   1.1, 1.2   right after the superblock
 *   1.0        right before the bad-block log, no longer than necessary
 * </pre>
 *
 * @param offsetSectors the position relative to the superblock; may be negative
 * @param chunkBytes how many bytes of a member one bit covers
 */
record BitmapPlan(int offsetSectors, long chunkBytes) {
    private static final long DEFAULT_CHUNK_BYTES = 64L << 20;
    private static final long LEAST_CHUNK_BYTES = 4096;

    /**
     * Plans a bitmap.
     *
     * @param spaceSectors the space for the bitmap, which every member has
     * @param usedSectors how many sectors of each member's data area the array uses
     * @param wantedChunkBytes 0 for the default: the smallest chunk for which the bits fit, but at least 64 MiB
     * @throws ArrayRefusedException UNSUPPORTED if there is no space for a bitmap of that chunk size
     */
    static BitmapPlan of(MetadataVersion version, int spaceSectors, long usedSectors, long wantedChunkBytes)
            throws ArrayRefusedException {
        long mostBits = (Sectors.toBytes(spaceSectors) - BitmapSuperblock.BYTES) * Byte.SIZE;
        if (mostBits <= 0) {
            throw refuse("the members are too small for a write-intent bitmap");
        }
        long least = LEAST_CHUNK_BYTES;
        while (bits(usedSectors, least) > mostBits) {
            least *= 2;
        }
        long chunk = wantedChunkBytes == 0 ? Math.max(least, DEFAULT_CHUNK_BYTES) : wantedChunkBytes;
        if (chunk < least) {
            throw refuse("a bitmap chunk of " + chunk + " bytes makes more bits than there is room for; the least is "
                    + least);
        }
        if (version != MetadataVersion.V1_0) {
            return new BitmapPlan(Sectors.PER_BLOCK, chunk);
        }
        long lengthBytes = BitmapSuperblock.BYTES + Math.ceilDiv(bits(usedSectors, chunk), Byte.SIZE);
        int length = (int) (Sectors.roundUp(lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BYTES);
        return new BitmapPlan(-DeviceSpace.BAD_BLOCK_LOG_SECTORS - length, chunk);
    }

    private static long bits(long usedSectors, long chunkBytes) {
        return Sectors.toBytes(usedSectors) / chunkBytes + 1;
    }

    private static ArrayRefusedException refuse(String message) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, message);
    }
}
