package io.mdfuse.raid.superblock.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * A GUID partition table (UEFI 2.10, 5.3), in sectors of the disk: 512 or 4096 bytes. The first copy of its header is
 * in sector 1, the second in the last sector of the disk, each with its own table.
 *
 * <pre>
 *   header    0  "EFI PART"        12  its length, 92 or more    16  its CRC-32, taken with this field as zero
 *            24  its own sector    72  the table's first sector   80  entries   84  their length
 *            88  CRC-32 of the table
 *   entry     0  type (16 bytes, all zero if unused)             32  first sector                 40  last sector
 * </pre>
 */
final class GptTable {
    private static final byte[] SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);
    private static final int MIN_HEADER_BYTES = 92;
    private static final int CHECKSUM = 16;

    /** More than any tool creates; a header with a larger table is not accepted. */
    private static final int MAX_TABLE_BYTES = 1 << 20;

    private GptTable() {}

    /**
     * The partitions of the table whose header lies at {@code headerBytes}; empty if there is none.
     *
     * @param strict whether the checksums and the header's own sector number must be correct
     */
    static Optional<List<Partition>> read(BlockDevice device, long headerBytes, int sectorBytes, boolean strict)
            throws DeviceException {
        ByteBuffer header = ContentPage.read(device, headerBytes, Sectors.BYTES);
        if (header.capacity() == 0 || !Arrays.equals(bytes(header, 0, SIGNATURE.length), SIGNATURE)) {
            return Optional.empty();
        }
        long tableSector = header.getLong(72);
        long entries = Integer.toUnsignedLong(header.getInt(80));
        long entryBytes = Integer.toUnsignedLong(header.getInt(84));
        boolean sane = entryBytes >= 128
                && entryBytes <= MAX_TABLE_BYTES
                && entries <= MAX_TABLE_BYTES / entryBytes
                && tableSector > 0
                && tableSector <= device.sizeBytes() / sectorBytes;
        if (!sane || (strict && !isWhole(header, headerBytes / sectorBytes))) {
            return Optional.empty();
        }
        ByteBuffer table = ContentPage.read(device, tableSector * sectorBytes, (int) (entries * entryBytes));
        boolean right = !strict || checksum(bytes(table, 0, table.capacity())) == header.getInt(88);
        return right ? Optional.of(partitions(table, (int) entryBytes, sectorBytes)) : Optional.empty();
    }

    private static boolean isWhole(ByteBuffer header, long sector) {
        int lengthBytes = header.getInt(12);
        if (lengthBytes < MIN_HEADER_BYTES || lengthBytes > Sectors.BYTES || header.getLong(24) != sector) {
            return false;
        }
        byte[] summed = bytes(header, 0, lengthBytes);
        Arrays.fill(summed, CHECKSUM, CHECKSUM + 4, (byte) 0);
        return checksum(summed) == header.getInt(CHECKSUM);
    }

    private static List<Partition> partitions(ByteBuffer table, int entryBytes, int sectorBytes) {
        List<Partition> partitions = new ArrayList<>();
        long scale = sectorBytes / Sectors.BYTES;
        for (int index = 0; (index + 1L) * entryBytes <= table.capacity(); index++) {
            int at = index * entryBytes;
            long first = table.getLong(at + 32);
            long last = table.getLong(at + 40);
            boolean used = table.getLong(at) != 0 || table.getLong(at + 8) != 0;
            boolean sane = first >= 0 && last >= first && last < Long.MAX_VALUE / Sectors.BLOCK_BYTES;
            if (used && sane) {
                partitions.add(new Partition(index + 1, first * scale, (last + 1) * scale, type(table, at), false));
            }
        }
        return partitions;
    }

    /** A GUID, whose first three numbers are little-endian and the rest bytes. */
    private static String type(ByteBuffer table, int at) {
        long high = Integer.toUnsignedLong(table.getInt(at)) << 32
                | Short.toUnsignedLong(table.getShort(at + 4)) << 16
                | Short.toUnsignedLong(table.getShort(at + 6));
        return new UUID(high, Long.reverseBytes(table.getLong(at + 8)))
                .toString()
                .toUpperCase(Locale.ROOT);
    }

    private static byte[] bytes(ByteBuffer page, int at, int length) {
        byte[] copy = new byte[length];
        page.get(at, copy);
        return copy;
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
