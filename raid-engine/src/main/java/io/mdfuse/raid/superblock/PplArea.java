package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The partial parity log beside a member's superblock. We do not keep it: while we write, its feature is off, and
 * md would resync a dirty array in full. Before the feature comes back at a clean stop, each member's log is made
 * empty here, so that md never replays what it logged before us.
 *
 * <pre>
 *   place     superblock + ppl.offset sectors; one header of 4096 bytes, little-endian
 *    0 512    reserved, all 0xff
 *  512   4    signature: CRC-32C of the array's UUID
 *  520   8    generation: of several headers the highest holds
 *  528   4    entries
 *  532   4    checksum: CRC-32C of the 4096 bytes with this field as zero
 *  536  ..    entries of 24 bytes, none here
 * </pre>
 */
public final class PplArea {
    private static final int HEADER_BYTES = 4096;
    private static final int HEADER_SECTORS = 8;
    private static final int RESERVED_BYTES = 512;
    private static final int SIGNATURE = 512;
    private static final int GENERATION = 520;
    private static final int CHECKSUM = 532;

    private PplArea() {}

    /**
     * Writes an empty log, newer than all headers in the area. It is durable after the device's next flush, which
     * every update of the superblocks begins with.
     *
     * @param superblock the member's; its PPL fields are used even where the feature is switched off now
     * @throws DeviceException where the device fails
     * @throws IllegalArgumentException where the superblock names no area on this device
     */
    public static void writeEmpty(BlockDevice device, Superblock superblock) throws DeviceException {
        long sector = superblock.superOffsetSectors() + superblock.pplOffsetSectors();
        int areaSectors = superblock.pplSizeSectors();
        boolean inside = sector >= 0 && (sector + areaSectors) * 512 <= device.sizeBytes();
        if (areaSectors < HEADER_SECTORS || !inside) {
            throw new IllegalArgumentException(device.name() + ": has no partial parity log");
        }
        byte[] header = header(superblock.setUuid(), newestGeneration(device, superblock, sector) + 1);
        // Several headers may follow one another, so those behind the first are wiped where one could be.
        byte[] nothing = new byte[HEADER_BYTES];
        for (long at = HEADER_SECTORS; at + HEADER_SECTORS <= areaSectors; at += HEADER_SECTORS) {
            if (isHeader(DevicePage.read(device, sector + at, HEADER_BYTES), superblock.setUuid())) {
                DevicePage.write(device, sector + at, nothing, HEADER_BYTES);
            }
        }
        DevicePage.write(device, sector, header, HEADER_BYTES);
    }

    private static long newestGeneration(BlockDevice device, Superblock superblock, long sector)
            throws DeviceException {
        long newest = 0;
        for (long at = 0; at + HEADER_SECTORS <= superblock.pplSizeSectors(); at += HEADER_SECTORS) {
            byte[] page = DevicePage.read(device, sector + at, HEADER_BYTES);
            if (isHeader(page, superblock.setUuid())) {
                newest = Math.max(newest, littleEndian(page).getLong(GENERATION));
            }
        }
        return newest;
    }

    private static byte[] header(byte[] setUuid, long generation) {
        byte[] page = new byte[HEADER_BYTES];
        Arrays.fill(page, 0, RESERVED_BYTES, (byte) 0xff);
        ByteBuffer header = littleEndian(page);
        header.putInt(SIGNATURE, crc(setUuid)).putLong(GENERATION, generation);
        header.putInt(CHECKSUM, crc(page));
        return page;
    }

    private static boolean isHeader(byte[] page, byte[] setUuid) {
        byte[] copy = page.clone();
        ByteBuffer header = littleEndian(copy);
        int stored = header.getInt(CHECKSUM);
        header.putInt(CHECKSUM, 0);
        return header.getInt(SIGNATURE) == crc(setUuid) && stored == crc(copy);
    }

    private static ByteBuffer littleEndian(byte[] page) {
        return ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
