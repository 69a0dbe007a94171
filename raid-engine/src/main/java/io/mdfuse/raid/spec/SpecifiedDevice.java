package io.mdfuse.raid.spec;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.HealingDevice;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.device.PartDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.nbd.NbdDevice;
import io.mdfuse.raid.superblock.foreign.PartitionTable;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import io.mdfuse.raid.superblock.foreign.PartitionTables;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes the device that a {@link DeviceSpec} means. Every verb that takes devices opens them here, so that each sees
 * the same bytes.
 *
 * <p>What the map of an image says was not read can't be read. A partition that ends behind the end of its image has
 * its full size, and what is missing can't be read; nor can what an image lacks at the end that its map covers.
 */
public final class SpecifiedDevice {
    private SpecifiedDevice() {}

    /**
     * Opens the file, block device or export, and shows the part that is meant.
     *
     * @throws DeviceOpenException if it can't be opened, or there is no such part
     * @throws DeviceException if the partition table can't be read
     */
    public static BlockDevice open(DeviceSpec spec, Access access, boolean direct) throws IOException {
        return over(spec, openWhole(spec, access, direct));
    }

    /**
     * Opens and locks the file or block device, or connects to the server, without a look at the part that is meant.
     *
     * @param direct whether a file of this host bypasses the page cache
     * @throws DeviceOpenException if it can't be opened
     */
    public static BlockDevice openWhole(DeviceSpec spec, Access access, boolean direct) throws DeviceOpenException {
        return switch (spec.source()) {
            case DeviceSource.OfFile local -> FileDevice.open(local.file(), access, direct);
            case DeviceSource.OfServer server -> NbdDevice.open(server.uri(), access);
        };
    }

    /**
     * The part that is meant of an open device.
     *
     * @param whole is closed with the result, or if this throws
     * @throws DeviceOpenException if there is no such part
     * @throws DeviceException if the partition table can't be read
     */
    public static BlockDevice over(DeviceSpec spec, BlockDevice whole) throws IOException {
        try {
            return partOf(spec, withMap(spec, whole));
        } catch (IOException | RuntimeException e) {
            whole.close();
            throw e;
        }
    }

    /**
     * As {@link #over}, and the holes of the image can be written.
     *
     * @param map the map of the image, begun
     */
    public static BlockDevice toHeal(DeviceSpec spec, BlockDevice whole, HealedMap map) throws IOException {
        try {
            return partOf(spec, new HealingDevice(whole, map.unreadable(), map));
        } catch (IOException | RuntimeException e) {
            whole.close();
            throw e;
        }
    }

    private static BlockDevice partOf(DeviceSpec spec, BlockDevice file) throws IOException {
        return switch (spec.part()) {
            case DevicePart.Whole _ -> file;
            case DevicePart.Numbered numbered -> partition(spec, numbered.number(), file);
            case DevicePart.Extent extent -> part(spec, extent.offsetBytes(), extent.lengthBytes(), file);
        };
    }

    /** The file as its map says. A block device may be larger than the disk that was copied to it. */
    private static BlockDevice withMap(DeviceSpec spec, BlockDevice whole) throws DeviceOpenException {
        Optional<RescueMap> found = MapFiles.read(spec);
        if (found.isEmpty()) {
            return whole;
        }
        RescueMap map = found.get();
        long missing = map.sizeBytes() - whole.sizeBytes();
        boolean missingWasRead = missing > 0
                && map.unreadable().within(whole.sizeBytes(), missing).totalBytes() < missing;
        if (missingWasRead || (missing < 0 && whole.isImageFile())) {
            throw new DeviceOpenException(
                    spec.toString(),
                    "has " + whole.sizeBytes() + " bytes, but its map "
                            + MapFiles.of(spec).orElseThrow() + " is of " + map.sizeBytes()
                            + ": give the map that belongs to it with ,map=FILE, or ,map=none if it has none");
        }
        BlockDevice disk = missing < 0 ? new PartDevice(whole, spec.toString(), 0, map.sizeBytes()) : whole;
        return map.unreadable().isEmpty() ? disk : new HoledDevice(disk, map.sizeBytes(), map.unreadable());
    }

    private static BlockDevice partition(DeviceSpec spec, int number, BlockDevice whole) throws IOException {
        Optional<PartitionTable> table = PartitionTables.find(whole);
        if (table.isEmpty()) {
            throw new DeviceOpenException(
                    spec.toString(),
                    spec.source() + " has no partition table that can be read; a part of it is also named by "
                            + spec.source() + "@OFFSET,LENGTH");
        }
        for (Partition partition : table.get().partitions()) {
            if (partition.number() == number && !partition.extended()) {
                long sectors = partition.endSector() - partition.startSector();
                return part(spec, Sectors.toBytes(partition.startSector()), Sectors.toBytes(sectors), whole);
            }
        }
        String others = table.get().partitions().stream()
                .filter(partition -> !partition.extended())
                .limit(20)
                .map(partition -> String.valueOf(partition.number()))
                .collect(Collectors.joining(", "));
        throw new DeviceOpenException(
                spec.toString(),
                "there is no such partition: " + spec.source() + " has "
                        + table.get().kind().words()
                        + (others.isEmpty() ? " without partitions" : " with the partitions " + others));
    }

    private static BlockDevice part(DeviceSpec spec, long startBytes, long lengthBytes, BlockDevice whole)
            throws DeviceOpenException {
        if (startBytes >= whole.sizeBytes()) {
            throw new DeviceOpenException(
                    spec.toString(),
                    "begins at byte " + startBytes + ", and " + spec.source() + " ends at byte " + whole.sizeBytes());
        }
        long endBytes = startBytes + lengthBytes;
        BlockDevice full = endBytes > whole.sizeBytes() ? new HoledDevice(whole, endBytes, ByteRanges.NONE) : whole;
        return new PartDevice(full, spec.toString(), startBytes, lengthBytes);
    }
}
