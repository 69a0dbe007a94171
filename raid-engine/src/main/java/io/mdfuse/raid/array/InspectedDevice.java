package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.PartitionedDisk;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a search found on one device: its own superblock or, if it has none that can be used, those of its partitions.
 *
 * @param members the device or its partitions, as far as their superblocks can be used
 * @param wholeDisk true if md superblocks are in its partitions
 * @param unusable the refusals of partitions whose superblocks can't be used
 */
record InspectedDevice(List<Found> members, boolean wholeDisk, List<IOException> unusable) {
    /** A device with a superblock. */
    record Found(DeviceSpec spec, Superblock superblock) {}

    /**
     * Opens the device and closes it again.
     *
     * @throws IOException if it can't be opened or read, or if it has a superblock that can't be used
     */
    static InspectedDevice of(DeviceSpec spec) throws IOException {
        try (BlockDevice device = SpecifiedDevice.open(spec, Access.READ_ONLY, false)) {
            ArrayRefusedException refusal = null;
            try {
                Optional<Superblock> own = SuperblockLocator.find(device);
                if (own.isPresent()) {
                    return new InspectedDevice(List.of(new Found(spec, own.get())), false, List.of());
                }
            } catch (ArrayRefusedException e) {
                refusal = e;
            }
            return ofPartitions(spec, device, refusal);
        }
    }

    private static InspectedDevice ofPartitions(
            DeviceSpec spec, BlockDevice device, @Nullable ArrayRefusedException refusal) throws IOException {
        boolean mayBeDisk = spec.isWhole() && (refusal == null || refusal.reason() == Reason.CORRUPT);
        Optional<PartitionedDisk> disk = mayBeDisk ? PartitionedDisk.of(device) : Optional.empty();
        if (disk.isEmpty() || disk.get().members().isEmpty()) {
            if (refusal != null) {
                throw refusal;
            }
            return new InspectedDevice(List.of(), false, List.of());
        }
        List<Found> members = new ArrayList<>();
        List<IOException> unusable = new ArrayList<>();
        for (PartitionedDisk.Entry entry : disk.get().members()) {
            DeviceSpec partition = spec.partition(entry.partition().number());
            if (entry.superblock().isPresent()) {
                members.add(new Found(partition, entry.superblock().get()));
            } else {
                unusable.add(new ArrayRefusedException(Reason.CORRUPT, partition + ": has " + entry.holds()));
            }
        }
        return new InspectedDevice(members, true, unusable);
    }
}
