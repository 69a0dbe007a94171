package io.mdfuse.raid.spec;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.device.PartDevice;
import io.mdfuse.device.Sectors;
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
 * <p>A partition that ends behind the end of its image has its full size, and what is missing can't be read.
 */
public final class SpecifiedDevice {
    private SpecifiedDevice() {}

    /**
     * Opens and locks the file or block device, and shows the part that is meant.
     *
     * @throws DeviceOpenException if it can't be opened, or there is no such part
     * @throws DeviceException if the partition table can't be read
     */
    public static BlockDevice open(DeviceSpec spec, Access access, boolean direct) throws IOException {
        return over(spec, FileDevice.open(spec.file(), access, direct));
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
            return switch (spec.part()) {
                case DevicePart.Whole _ -> whole;
                case DevicePart.Numbered numbered -> partition(spec, numbered.number(), whole);
                case DevicePart.Extent extent -> part(spec, extent.offsetBytes(), extent.lengthBytes(), whole);
            };
        } catch (IOException | RuntimeException e) {
            whole.close();
            throw e;
        }
    }

    private static BlockDevice partition(DeviceSpec spec, int number, BlockDevice whole) throws IOException {
        Optional<PartitionTable> table = PartitionTables.find(whole);
        if (table.isEmpty()) {
            throw new DeviceOpenException(
                    spec.toString(),
                    spec.file() + " has no partition table that can be read; a part of it is also named by "
                            + spec.file() + "@OFFSET,LENGTH");
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
                "there is no such partition: " + spec.file() + " has "
                        + table.get().kind().words()
                        + (others.isEmpty() ? " without partitions" : " with the partitions " + others));
    }

    private static BlockDevice part(DeviceSpec spec, long startBytes, long lengthBytes, BlockDevice whole)
            throws DeviceOpenException {
        if (startBytes >= whole.sizeBytes()) {
            throw new DeviceOpenException(
                    spec.toString(),
                    "begins at byte " + startBytes + ", and " + spec.file() + " ends at byte " + whole.sizeBytes());
        }
        long endBytes = startBytes + lengthBytes;
        BlockDevice full = endBytes > whole.sizeBytes() ? new HoledDevice(whole, endBytes, ByteRanges.NONE) : whole;
        return new PartDevice(full, spec.toString(), startBytes, lengthBytes);
    }
}
