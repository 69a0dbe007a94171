package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The partitions that a device's first sectors name, as far as it takes to know where each begins and ends.
 *
 * <pre>
 *   DOS   sector 0, byte 446: four entries of 16 bytes: type at 4, first sector at 8, sectors at 12; 55 aa at 510
 *   GPT   sector 1 (of 512 or 4096 bytes): "EFI PART", the table's first sector at 72, its entries at 80, their length at
 *         84; each entry: type at 0 (16 bytes, all zero where unused), first sector at 32, last sector at 40
 * </pre>
 */
final class PartitionTable {
    private static final int DOS_ENTRIES = 446;
    private static final byte[] GPT_SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);

    /** More than any tool makes; a header that claims more is not believed. */
    private static final int MOST_GPT_BYTES = 1 << 20;

    private PartitionTable() {}

    /**
     * A partition, in sectors of 512 bytes.
     *
     * @param endSector the first one behind it
     * @param extended true where others lie in it, whose places are not told here
     */
    record Partition(long startSector, long endSector, boolean extended) {}

    /** The partitions; none where there is no table. */
    static List<Partition> read(BlockDevice device) throws DeviceException {
        List<Partition> partitions = new ArrayList<>();
        if (device.sizeBytes() >= Sectors.BYTES) {
            readDos(page(device, 0, Sectors.BYTES), partitions);
        }
        for (int sectorBytes : new int[] {512, 4096}) {
            if (device.sizeBytes() >= 2L * sectorBytes) {
                readGpt(device, sectorBytes, partitions);
            }
        }
        return partitions;
    }

    private static void readDos(ByteBuffer page, List<Partition> partitions) {
        if (page.getShort(510) != (short) 0xaa55) {
            return;
        }
        for (int at = DOS_ENTRIES; at < DOS_ENTRIES + 4 * 16; at += 16) {
            int type = Byte.toUnsignedInt(page.get(at + 4));
            long start = Integer.toUnsignedLong(page.getInt(at + 8));
            long sectors = Integer.toUnsignedLong(page.getInt(at + 12));
            boolean extended = type == 0x05 || type == 0x0f || type == 0x85;
            if (type != 0 && type != 0xee && sectors > 0) {
                partitions.add(new Partition(start, start + sectors, extended));
            }
        }
    }

    private static void readGpt(BlockDevice device, int sectorBytes, List<Partition> partitions)
            throws DeviceException {
        ByteBuffer header = page(device, sectorBytes, Sectors.BYTES);
        byte[] signature = new byte[GPT_SIGNATURE.length];
        header.get(0, signature);
        long tableBytes = header.getLong(72) * sectorBytes;
        long entries = Integer.toUnsignedLong(header.getInt(80));
        long entryBytes = Integer.toUnsignedLong(header.getInt(84));
        boolean sane = entryBytes >= 128 && entries <= MOST_GPT_BYTES / entryBytes && tableBytes > 0;
        if (!Arrays.equals(signature, GPT_SIGNATURE)
                || !sane
                || tableBytes > device.sizeBytes() - entries * entryBytes) {
            return;
        }
        ByteBuffer table = page(device, tableBytes, (int) (entries * entryBytes));
        long scale = sectorBytes / Sectors.BYTES;
        for (int at = 0; at < table.capacity(); at += (int) entryBytes) {
            boolean used = table.getLong(at) != 0 || table.getLong(at + 8) != 0;
            long start = table.getLong(at + 32) * scale;
            long end = (table.getLong(at + 40) + 1) * scale;
            if (used && start >= 0 && end > start) {
                partitions.add(new Partition(start, end, false));
            }
        }
    }

    private static ByteBuffer page(BlockDevice device, long offsetBytes, int lengthBytes) throws DeviceException {
        byte[] bytes = DevicePage.read(device, offsetBytes / Sectors.BYTES, lengthBytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
