package io.mdfuse.raid.superblock.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The DOS partition table (MBR), in sectors of 512 bytes.
 *
 * <pre>
 *   sector 0   446: four entries of 16 bytes (boot flag 0 or 80, type at 4, first sector at 8, sectors at 12)
 *              510: 55 aa
 *   extended   a chain of such sectors: the first entry is a logical partition, counted from its own sector;
 *              the second names the next sector of the chain, counted from the start of the extended partition
 * </pre>
 *
 * <p>Logical partitions are numbered from 5, in the order of the chain. Reading stops if the chain loops or leaves the
 * disk.
 */
final class DosTable {
    private static final int ENTRIES = 446;
    private static final int ENTRY_BYTES = 16;
    private static final short MARK = (short) 0xaa55;
    private static final int GPT_GUARD = 0xee;

    /** The number of logical partitions that Linux shows at most. */
    private static final int MAX_LOGICAL = 60;

    private DosTable() {}

    private record Entry(int type, long start, long sectors) {
        boolean used() {
            return type != 0 && type != GPT_GUARD && sectors > 0;
        }

        boolean extended() {
            return type == 0x05 || type == 0x0f || type == 0x85;
        }

        Partition partition(int number, long base) {
            return new Partition(number, base + start, base + start + sectors, String.format("%02x", type), extended());
        }
    }

    /** The partitions; empty if there is no table. */
    static List<Partition> read(BlockDevice device) throws DeviceException {
        List<Partition> partitions = new ArrayList<>();
        List<Entry> entries = entries(device, 0);
        for (int index = 0; index < entries.size(); index++) {
            Entry entry = entries.get(index);
            if (entry.used()) {
                partitions.add(entry.partition(index + 1, 0));
            }
        }
        for (Entry entry : entries) {
            if (entry.used() && entry.extended()) {
                readLogical(device, entry.start(), partitions);
                break;
            }
        }
        return partitions;
    }

    private static void readLogical(BlockDevice device, long extendedStart, List<Partition> partitions)
            throws DeviceException {
        Set<Long> seen = new HashSet<>();
        long sector = extendedStart;
        for (int number = 5; number < 5 + MAX_LOGICAL && seen.add(sector); number++) {
            List<Entry> entries = entries(device, sector);
            if (entries.isEmpty() || !entries.getFirst().used()) {
                return;
            }
            partitions.add(entries.getFirst().partition(number, sector));
            Entry next = entries.get(1);
            if (!next.used() || !next.extended()) {
                return;
            }
            sector = extendedStart + next.start();
        }
    }

    /**
     * False if a boot flag is neither 0 nor 0x80: then this is the boot sector of a file system, with code at the
     * position of the entries.
     */
    static boolean isPlausible(BlockDevice device) throws DeviceException {
        ByteBuffer page = ContentPage.read(device, 0, Sectors.BYTES);
        for (int at = ENTRIES; at < ENTRIES + 4 * ENTRY_BYTES && at < page.capacity(); at += ENTRY_BYTES) {
            if ((page.get(at) & 0x7f) != 0) {
                return false;
            }
        }
        return true;
    }

    private static List<Entry> entries(BlockDevice device, long sector) throws DeviceException {
        ByteBuffer page = ContentPage.read(device, Sectors.toBytes(sector), Sectors.BYTES);
        List<Entry> entries = new ArrayList<>();
        if (page.capacity() == 0 || page.getShort(510) != MARK) {
            return entries;
        }
        for (int at = ENTRIES; at < ENTRIES + 4 * ENTRY_BYTES; at += ENTRY_BYTES) {
            entries.add(new Entry(
                    Byte.toUnsignedInt(page.get(at + 4)),
                    Integer.toUnsignedLong(page.getInt(at + 8)),
                    Integer.toUnsignedLong(page.getInt(at + 12))));
        }
        return entries;
    }
}
