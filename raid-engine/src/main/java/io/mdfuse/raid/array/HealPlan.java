package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.PartDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.MapChoice;
import io.mdfuse.raid.spec.MapFiles;
import io.mdfuse.raid.superblock.FoundDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which images are to be healed, decided before anything is written.
 *
 * @param imageBytes the images that have holes in what the array stores, with the size that each file is to have
 * @param holeBytes the sum of these holes
 */
record HealPlan(Map<DeviceSpec, Long> imageBytes, long holeBytes) {
    /**
     * Makes the plan.
     *
     * @param opened the devices of {@code specs}, in this order
     */
    static HealPlan of(List<DeviceSpec> specs, List<BlockDevice> opened, HealableArray array) throws IOException {
        Map<DeviceSpec, Long> sizes = new LinkedHashMap<>();
        long holeBytes = 0;
        for (int index = 0; index < specs.size(); index++) {
            DeviceSpec spec = specs.get(index);
            FoundDevice found = array.devices().get(index);
            ByteRanges holes = array.slot(found) < 0 ? ByteRanges.NONE : array.holes(found);
            if (!holes.isEmpty()) {
                requireHealable(spec, specs);
                sizes.put(spec, sizeToReach(opened.get(index), found, array));
                holeBytes += holes.totalBytes();
            }
        }
        return new HealPlan(sizes, holeBytes);
    }

    /** Up to the end of what the array stores, or of the partition. */
    private static long sizeToReach(BlockDevice opened, FoundDevice found, HealableArray array) {
        long startBytes = opened instanceof PartDevice part ? part.startBytes() : 0;
        long endOfData = Sectors.toBytes(found.superblock().dataOffsetSectors()
                + array.assembly().reference().usedSectors());
        return startBytes + Math.max(opened.sizeBytes(), endOfData);
    }

    private static void requireHealable(DeviceSpec spec, List<DeviceSpec> specs) throws IOException {
        if (spec.map() instanceof MapChoice.None) {
            throw new DeviceOpenException(
                    spec.toString(),
                    "has parts that were not read, and ,map=none forbids the map that would say which of them are"
                            + " healed: leave ,map=none out");
        }
        Optional<Path> image = spec.file().filter(Files::isRegularFile);
        if (image.isEmpty()) {
            throw new DeviceOpenException(
                    spec.toString(),
                    "has parts that were not read, and only an image file is healed, not a block device or an export");
        }
        for (DeviceSpec other : specs) {
            if (!other.equals(spec)
                    && other.file().isPresent()
                    && Files.isSameFile(other.file().get(), image.get())) {
                throw new DeviceOpenException(
                        spec.toString(), "is not healed, because " + other + " is another member in the same image");
            }
            Optional<Path> shared = other.equals(spec) ? Optional.empty() : MapFiles.healedForBoth(spec, other);
            if (shared.isPresent()) {
                throw new DeviceOpenException(
                        spec.toString(),
                        "is not healed, because the map of what is healed would be " + shared.get()
                                + ", which would count as the map of " + other
                                + " too: give each image a map of its own, or move one to another directory");
            }
        }
    }
}
