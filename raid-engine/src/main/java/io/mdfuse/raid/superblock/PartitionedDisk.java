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
 * A whole disk with a partition table, and what is in its partitions. It is used for messages: if a user names a whole
 * disk, the message says which of its partitions is the member.
 */
public record PartitionedDisk(PartitionTable table, List<Entry> entries) {
    /**
     * A partition and what it holds.
     *
     * @param member true if it has an md superblock, usable or not
     * @param superblock its superblock, if that can be used
     * @param holds without a usable superblock: what it holds, or why its superblock can't be used; empty if nothing is
     *     recognised
     */
    public record Entry(Partition partition, boolean member, Optional<Superblock> superblock, String holds) {
        public long startBytes() {
            return Sectors.toBytes(partition.startSector());
        }

        public long sizeBytes() {
            return Sectors.toBytes(partition.endSector() - partition.startSector());
        }

        /**
         * Level, name and role in the array, such as {@code raid5 "nas:2", slot 0 of 4}; without a superblock what it
         * holds.
         */
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

    /** The disk, if it has a partition table. Whether it also has a superblock of its own is not checked. */
    public static Optional<PartitionedDisk> of(BlockDevice device) throws DeviceException {
        Optional<PartitionTable> table = PartitionTables.find(device);
        if (table.isEmpty()) {
            return Optional.empty();
        }
        List<Entry> entries = new ArrayList<>();
        for (Partition partition : table.get().partitions()) {
            entries.add(inspect(device, partition));
        }
        return Optional.of(new PartitionedDisk(table.get(), List.copyOf(entries)));
    }

    private static Entry inspect(BlockDevice device, Partition partition) throws DeviceException {
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

    /** The partitions that have an md superblock. */
    public List<Entry> members() {
        return entries.stream().filter(Entry::member).toList();
    }
}
