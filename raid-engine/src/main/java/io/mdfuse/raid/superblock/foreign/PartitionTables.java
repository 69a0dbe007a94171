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
     * empty if there is none. So a GPT goes before the DOS table of a disk that has both (a hybrid one).
     *
     * @throws DeviceException if a sector can't be read, and no table was found without it
     */
    public static Optional<PartitionTable> find(BlockDevice device) throws DeviceException {
        DeviceException unreadable = null;
        for (Place place : places(device)) {
            try {
                Optional<PartitionTable> found = place.read(device);
                if (found.isPresent()) {
                    return found;
                }
            } catch (DeviceException e) {
                unreadable = unreadable == null ? e : unreadable;
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
        return Optional.empty();
    }

    /** A table that may be on the device. */
    private interface Place {
        Optional<PartitionTable> read(BlockDevice device) throws DeviceException;
    }

    private static List<Place> places(BlockDevice whole) {
        List<Place> places = new ArrayList<>();
        for (int sectorBytes : SECTOR_BYTES) {
            places.add(device -> gpt(device, sectorBytes, sectorBytes, Kind.GPT));
        }
        for (int sectorBytes : SECTOR_BYTES) {
            long last = (whole.sizeBytes() / sectorBytes - 1) * sectorBytes;
            places.add(device -> gpt(device, last, sectorBytes, Kind.GPT_COPY));
        }
        places.add(PartitionTables::dos);
        return places;
    }

    private static Optional<PartitionTable> gpt(BlockDevice device, long headerBytes, int sectorBytes, Kind kind)
            throws DeviceException {
        return GptTable.read(device, headerBytes, sectorBytes, true)
                .map(partitions -> new PartitionTable(kind, partitions));
    }

    private static Optional<PartitionTable> dos(BlockDevice device) throws DeviceException {
        List<Partition> partitions = DosTable.read(device);
        return DosTable.isPlausible(device) && !partitions.isEmpty()
                ? Optional.of(new PartitionTable(Kind.DOS, partitions))
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
