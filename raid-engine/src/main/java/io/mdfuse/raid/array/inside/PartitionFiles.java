package io.mdfuse.raid.array.inside;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.superblock.foreign.PartitionTable;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import io.mdfuse.raid.superblock.foreign.PartitionTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The partitions of a volume as volumes. A partition that reaches behind the volume's end keeps the size that the table
 * says; what lies behind the end can't be read. Extended partitions are left out, since their logical ones are there.
 */
final class PartitionFiles {
    private static final long MOST_SECTORS = 1L << 53;

    private PartitionFiles() {}

    /**
     * The partitions; empty if there is no table.
     *
     * @param name the file's name of the volume
     * @param lines gets a line for each thing that the user should know
     */
    static List<InnerVolume> of(Volume volume, String name, FileNames names, Consumer<String> lines) {
        Optional<PartitionTable> table;
        try {
            table = PartitionTables.find(new VolumeDevice(volume));
        } catch (DeviceException noTableInWhatCanBeRead) {
            // That the start can't be read, the search for LVM2's label has said already.
            return List.of();
        }
        List<InnerVolume> partitions = new ArrayList<>();
        for (Partition each : table.map(PartitionTable::partitions).orElse(List.of())) {
            if (!each.extended()) {
                partition(volume, name, each, lines)
                        .ifPresent(mapped -> partitions.add(new InnerVolume(
                                names.unique(mapped.name()), mapped, "partition " + each.number() + " of " + name)));
            }
        }
        return partitions;
    }

    private static Optional<MappedVolume> partition(
            Volume volume, String name, Partition each, Consumer<String> lines) {
        String file = name + "-part" + each.number();
        if (each.startSector() < 0
                || each.endSector() <= each.startSector()
                || each.endSector() > MOST_SECTORS
                || each.startSector() >= volume.sizeBytes() >> 9) {
            lines.accept(file + " is not served: it lies outside of " + name);
            return Optional.empty();
        }
        if (each.endSector() > volume.sizeBytes() >> 9) {
            lines.accept(file + " reaches behind the end of " + name + ": what lies there can't be read");
        }
        long startBytes = each.startSector() << 9;
        Piece all = new Piece.Linear(volume, startBytes);
        return Optional.of(new MappedVolume(file, Map.of(0L, all), (each.endSector() << 9) - startBytes));
    }
}
