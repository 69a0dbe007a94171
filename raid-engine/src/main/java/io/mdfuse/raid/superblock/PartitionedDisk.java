package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.foreign.DeviceContent;
import io.mdfuse.raid.superblock.foreign.PartitionTable;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import io.mdfuse.raid.superblock.foreign.PartitionTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A whole disk with a partition table, and what is in its partitions: if a user names a whole disk, its members are
 * found in this way. A partition that ends behind the end of the image is looked at as far as it is there.
 */
public record PartitionedDisk(PartitionTable table, List<Entry> entries) {
    /**
     * A partition and what it holds.
     *
     * @param member true if it has an md superblock, usable or not
     * @param superblock its superblock, if that can be used
     * @param holds without a usable superblock: what it holds, or why its superblock can't be used; of a member of a
     *     RAID-1 what that array holds; empty if nothing is recognised
     * @param missingBytes how much of it lies behind the end of the disk or image
     */
    public record Entry(
            Partition partition, boolean member, Optional<Superblock> superblock, String holds, long missingBytes) {
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

        /** The words, and the array's state as this superblock knows it, and what a RAID-1 holds. */
        public String details() {
            List<String> all = new ArrayList<>();
            if (!words().isEmpty()) {
                all.add(words());
            }
            if (superblock.isPresent()) {
                Superblock md = superblock.get();
                all.add((md.resyncOffsetSectors() == Superblock.IN_SYNC ? "clean" : "not clean") + " at event "
                        + Long.toUnsignedString(md.events()));
                if (!holds.isEmpty()) {
                    all.add("holds " + holds);
                }
            }
            if (missingBytes > 0) {
                all.add("its last " + missingBytes + " bytes lie behind the end of the disk or image");
            }
            return String.join(", ", all);
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
        long startBytes = Sectors.toBytes(partition.startSector());
        long endBytes = Sectors.toBytes(partition.endSector());
        if (partition.extended()) {
            return new Entry(partition, false, Optional.empty(), "an extended partition", 0);
        }
        if (startBytes >= device.sizeBytes()) {
            return new Entry(partition, false, Optional.empty(), "", endBytes - startBytes);
        }
        long missing = Math.max(0, endBytes - device.sizeBytes());
        BlockDevice full = missing == 0 ? device : new HoledDevice(device, endBytes, ByteRanges.NONE);
        BlockDevice slice = new DeviceSlice(full, startBytes, endBytes - startBytes);
        try {
            Optional<Superblock> superblock = SuperblockLocator.find(slice);
            return new Entry(partition, superblock.isPresent(), superblock, holds(slice, superblock), missing);
        } catch (ArrayRefusedException e) {
            String why = String.valueOf(e.getMessage()).replace(device.name() + ": ", "");
            return new Entry(partition, true, Optional.empty(), "an md superblock that can't be used: " + why, missing);
        } catch (DeviceException e) {
            return new Entry(partition, false, Optional.empty(), "can't be read: " + e.getMessage(), missing);
        }
    }

    /** What a partition without a superblock holds, and what a RAID-1 holds: each of its members has all of it. */
    private static String holds(BlockDevice slice, Optional<Superblock> superblock) throws DeviceException {
        BlockDevice content = slice;
        if (superblock.isPresent()) {
            Superblock md = superblock.get();
            long from = Sectors.toBytes(md.dataOffsetSectors());
            long length = Math.min(Sectors.toBytes(md.usedSectors()), slice.sizeBytes() - from);
            if (md.level() != 1 || length <= 0) {
                return "";
            }
            content = new DeviceSlice(slice, from, length);
        }
        try {
            return DeviceContent.find(content).map(DeviceContent::name).orElse("");
        } catch (DeviceException e) {
            // The superblock says enough of a partition that can be read in part.
            if (superblock.isPresent()) {
                return "";
            }
            throw e;
        }
    }

    /** The partitions that have an md superblock. */
    public List<Entry> members() {
        return entries.stream().filter(Entry::member).toList();
    }
}
