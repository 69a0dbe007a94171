package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.foreign.DeviceContent;
import io.mdfuse.raid.superblock.foreign.PartitionTable;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import io.mdfuse.raid.superblock.foreign.PartitionTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A whole disk with a partition table, and what is in its partitions: for a user who dumped the disk and has to give
 * the partition.
 */
public record PartitionedDisk(PartitionTable table, List<Entry> entries) {
    /**
     * A partition and what it holds.
     *
     * @param member true if an md superblock is in it
     * @param superblock that superblock, if it can be used
     * @param holds otherwise what it holds, or why its superblock can't be used; empty if nothing is recognised
     */
    public record Entry(Partition partition, boolean member, Optional<Superblock> superblock, String holds) {
        public long startBytes() {
            return Sectors.toBytes(partition.startSector());
        }

        public long sizeBytes() {
            return Sectors.toBytes(partition.endSector() - partition.startSector());
        }

        /** Level, name and place in the array, such as {@code raid5 "nas:2", slot 0 of 4}; or what else it holds. */
        public String words() {
            if (superblock.isEmpty()) {
                return holds;
            }
            Superblock md = superblock.get();
            int role = md.ownRole();
            String name = md.setName().isEmpty() ? md.setUuidText() : '"' + md.setName() + '"';
            String place = Roles.isSlot(role) ? "slot " + role + " of " + md.raidDisks() : Roles.describe(role);
            return (md.level() == -1 ? "linear" : "raid" + md.level()) + " " + name + ", " + place;
        }
    }

    /** The disk, if it has a partition table. A superblock of its own is not looked for. */
    public static Optional<PartitionedDisk> of(BlockDevice device) throws DeviceException {
        Optional<PartitionTable> table = PartitionTables.find(device);
        if (table.isEmpty()) {
            return Optional.empty();
        }
        List<Entry> entries = new ArrayList<>();
        for (Partition partition : table.get().partitions()) {
            entries.add(look(device, partition));
        }
        return Optional.of(new PartitionedDisk(table.get(), List.copyOf(entries)));
    }

    private static Entry look(BlockDevice device, Partition partition) throws DeviceException {
        long start = partition.startSector();
        if (partition.extended()) {
            return new Entry(partition, false, Optional.empty(), "an extended partition");
        }
        if (start < 0 || partition.endSector() > Sectors.floorFromBytes(device.sizeBytes())) {
            return new Entry(partition, false, Optional.empty(), "ends behind the end of the disk or image");
        }
        BlockDevice slice =
                new DeviceSlice(device, Sectors.toBytes(start), Sectors.toBytes(partition.endSector() - start));
        try {
            Optional<Superblock> superblock = SuperblockLocator.find(slice);
            boolean unknown = superblock.isEmpty();
            String holds =
                    unknown ? DeviceContent.find(slice).map(DeviceContent::name).orElse("") : "";
            return new Entry(partition, !unknown, superblock, holds);
        } catch (ArrayRefusedException e) {
            String why = String.valueOf(e.getMessage()).replace(device.name() + ": ", "");
            return new Entry(partition, true, Optional.empty(), "an md superblock that can't be used: " + why);
        } catch (DeviceException e) {
            return new Entry(partition, false, Optional.empty(), "can't be read: " + e.getMessage());
        }
    }

    /** The partitions that carry an md superblock. */
    public List<Entry> members() {
        return entries.stream().filter(Entry::member).toList();
    }
}
