package io.mdfuse.raid.superblock.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Kind;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the partition tables of a whole disk. */
public final class PartitionTables {
    /** The sector sizes that a GPT may count in. */
    private static final int[] SECTOR_BYTES = {512, 4096};

    private PartitionTables() {}

    /**
     * The table of a disk: a GPT with correct checksums, otherwise its second copy, otherwise a plausible DOS table;
     * empty if there is none.
     *
     * @throws DeviceException if a sector can't be read
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

    /** Every partition in any table of the device, valid or not, for a caller that must not overlook one. */
    public static List<Partition> all(BlockDevice device) throws DeviceException {
        List<Partition> partitions = new ArrayList<>(DosTable.read(device));
        for (int sectorBytes : SECTOR_BYTES) {
            GptTable.read(device, sectorBytes, sectorBytes, false).ifPresent(partitions::addAll);
        }
        return partitions;
    }
}
