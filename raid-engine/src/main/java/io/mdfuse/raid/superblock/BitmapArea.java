package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The write-intent bitmap beside a member's superblock. We do not keep it, so md must not believe it after us: a
 * region that it calls clean could be one that we were writing when power went. md calls a bitmap stale, and then
 * resyncs everything, where its event count is behind the superblock's, or where its stale bit is set. The first
 * holds after every update of ours; the second is set here, before the first write, so that no event count that
 * md later takes back can make it look right.
 *
 * <pre>
 *   place     superblock + bitmap_offset sectors; 256 bytes, little-endian
 *    0   4    magic "bitm"
 *    4   4    version
 *    8  16    uuid, the array's
 *   24   8    events
 *   40   8    sectors of a member that it covers
 *   48   4    state: 1 stale, 2 write error
 *   52   4    bytes of a member that one bit covers
 *  256  ..    one bit for each of them
 * </pre>
 */
public final class BitmapArea {
    private static final int MAGIC_VALUE = 0x6d746962;
    private static final int UUID = 8;
    private static final int SYNC_SECTORS = 40;
    private static final int STATE = 48;
    private static final int CHUNK_BYTES = 52;
    private static final int STALE = 1;
    private static final int BYTES = 512;

    private BitmapArea() {}

    /**
     * Sets the stale bit of this member's bitmap. It is durable after the device's next flush, which every update
     * of the superblocks begins with.
     *
     * @return false where there is no bitmap of this array, and nothing was written
     */
    public static boolean markStale(BlockDevice device, Superblock superblock) throws DeviceException {
        if (!superblock.hasFeature(Features.BITMAP)) {
            return false;
        }
        long sector = superblock.superOffsetSectors() + superblock.bitmapOffsetSectors();
        if (sector < 0 || (sector + 1) * BYTES > device.sizeBytes()) {
            return false;
        }
        byte[] bytes = DevicePage.read(device, sector, BYTES);
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] uuid = Arrays.copyOfRange(bytes, UUID, UUID + SuperblockLayout.UUID_BYTES);
        if (page.getInt(0) != MAGIC_VALUE || !Arrays.equals(uuid, superblock.setUuid())) {
            return false;
        }
        page.putInt(STATE, page.getInt(STATE) | STALE);
        DevicePage.write(device, sector, bytes, BYTES);
        return true;
    }

    /**
     * Gives a device that joins the array a copy of another one's bitmap, marked stale; nothing is done where there is none.
     * Durable after the device's next flush.
     */
    public static void copy(BlockDevice from, Superblock fromSuperblock, BlockDevice to, Superblock toSuperblock)
            throws DeviceException {
        long fromSector = fromSuperblock.superOffsetSectors() + fromSuperblock.bitmapOffsetSectors();
        long toSector = toSuperblock.superOffsetSectors() + toSuperblock.bitmapOffsetSectors();
        byte[] bytes = DevicePage.read(from, fromSector, BYTES);
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (page.getInt(0) != MAGIC_VALUE) {
            return;
        }
        long chunkSectors = Math.max(1, Integer.toUnsignedLong(page.getInt(CHUNK_BYTES)) / Sectors.BYTES);
        long bits = (page.getLong(SYNC_SECTORS) + chunkSectors - 1) / chunkSectors;
        long lengthBytes = Sectors.roundUp(BYTES + (bits + 7) / 8, Sectors.BYTES);
        int piece = SuperblockLayout.READ_BYTES;
        for (long at = 0; at < lengthBytes; at += piece) {
            int length = (int) Math.min(piece, lengthBytes - at);
            byte[] copied = DevicePage.read(from, fromSector + at / Sectors.BYTES, length);
            DevicePage.write(to, toSector + at / Sectors.BYTES, copied, length);
        }
        markStale(to, toSuperblock);
    }
}
