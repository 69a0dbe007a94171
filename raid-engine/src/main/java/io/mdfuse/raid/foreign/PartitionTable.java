package io.mdfuse.raid.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The partition table of a whole disk. Offsets are in sectors of 512 bytes, whatever the disk's own sectors are.
 *
 * @param kind which kind of table it is, and where it was read
 * @param partitions in the order of the table; logical ones follow the extended one that holds them
 */
public record PartitionTable(Kind kind, List<Partition> partitions) {
    /** The disks' sectors that a GPT may count in. */
    private static final int[] SECTOR_BYTES = {512, 4096};

    public enum Kind {
        GPT("a GPT"),
        GPT_COPY("a GPT (only its second copy, at the end, is left)"),
        DOS("a DOS partition table (MBR)");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** In words that follow "has". */
        public String words() {
            return words;
        }
    }

    /**
     * A partition.
     *
     * @param number as the kernel counts them, from 1
     * @param endSector the first one behind it
     * @param type of a DOS table two hex digits, of a GPT a GUID
     * @param extended true if others lie in it
     */
    public record Partition(int number, long startSector, long endSector, String type, boolean extended) {}

    /**
     * The table of a disk: a GPT whose checksums are right, its second copy, or a DOS table that makes sense; empty if there is
     * none.
     *
     * @throws DeviceException if a place can't be read
     */
    public static Optional<PartitionTable> find(BlockDevice device) throws DeviceException {
        for (int sectorBytes : SECTOR_BYTES) {
            Optional<List<Partition>> found = GptTable.read(device, sectorBytes, sectorBytes, true);
            if (found.isPresent()) {
                return Optional.of(new PartitionTable(Kind.GPT, found.get()));
            }
        }
        for (int sectorBytes : SECTOR_BYTES) {
            long last = (device.sizeBytes() / sectorBytes - 1) * sectorBytes;
            Optional<List<Partition>> found = GptTable.read(device, last, sectorBytes, true);
            if (found.isPresent()) {
                return Optional.of(new PartitionTable(Kind.GPT_COPY, found.get()));
            }
        }
        List<Partition> dos = DosTable.read(device);
        return DosTable.isPlausible(device) && !dos.isEmpty()
                ? Optional.of(new PartitionTable(Kind.DOS, dos))
                : Optional.empty();
    }

    /** Every partition that any table of the device names, for a caller who must not overlook one. */
    public static List<Partition> all(BlockDevice device) throws DeviceException {
        List<Partition> partitions = new ArrayList<>(DosTable.read(device));
        for (int sectorBytes : SECTOR_BYTES) {
            GptTable.read(device, sectorBytes, sectorBytes, false).ifPresent(partitions::addAll);
        }
        return partitions;
    }
}
