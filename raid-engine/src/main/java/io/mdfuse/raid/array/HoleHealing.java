package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.HealedMap;
import io.mdfuse.raid.stripe.CertainSolver.Outcome;
import io.mdfuse.raid.superblock.FoundDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Fills the holes of images with what is solved from the other members. The section "Healing images" of
 * docs/architecture/opening.md has the order of all writes, and what a crash leaves.
 */
public final class HoleHealing {
    private HoleHealing() {}

    /**
     * The result.
     *
     * @param lines a line for each image that was healed, and one for the sum
     * @param lostBytes what the array stores in holes and could not be solved
     */
    public record Report(List<String> lines, long healedBytes, long lostBytes) {}

    /**
     * Heals the images of an array, which is not open. Blocks until everything is durable.
     *
     * @param progress gets the sum of all holes and returns what is to hear of the progress
     * @throws IOException if the array must not be healed, and nothing has changed; or if an image or a map can't be
     *     written, and what is on record stays healed
     */
    public static Report heal(List<DeviceSpec> specs, AssembleOptions options, LongFunction<HealProgress> progress)
            throws IOException {
        HealPlan plan;
        try (OpenDevices devices = OpenDevices.open(specs, Access.READ_ONLY, options.direct())) {
            plan = HealPlan.of(specs, devices.list(), HealableArray.of(devices.list(), options));
        }
        if (plan.imageBytes().isEmpty()) {
            return new Report(
                    List.of("no part of what the array stores is unreadable, so nothing had to be healed"), 0, 0);
        }
        Map<DeviceSpec, HealedMap> maps = new LinkedHashMap<>();
        for (Map.Entry<DeviceSpec, Long> image : plan.imageBytes().entrySet()) {
            maps.put(image.getKey(), begin(image.getKey(), image.getValue(), options.direct()));
        }
        try (OpenDevices devices = OpenDevices.openToHeal(specs, maps, options.direct())) {
            HealableArray array = HealableArray.of(devices.list(), options);
            return fill(specs, devices.list(), maps, new HoleHealer(array, progress.apply(plan.holeBytes())), array);
        }
    }

    /** The file is locked meanwhile, so that no other process heals the same image. */
    private static HealedMap begin(DeviceSpec spec, long sizeBytes, boolean direct) throws IOException {
        try (FileDevice _ = FileDevice.open(spec.file().orElseThrow(), Access.READ_WRITE, direct)) {
            HealedMap map = HealedMap.begin(spec, sizeBytes);
            map.extendImage();
            return map;
        }
    }

    private static Report fill(
            List<DeviceSpec> specs,
            List<BlockDevice> opened,
            Map<DeviceSpec, HealedMap> maps,
            HoleHealer healer,
            HealableArray array)
            throws IOException {
        List<String> lines = new ArrayList<>();
        long healedBytes = 0;
        long lostBytes = 0;
        for (int index = 0; index < specs.size(); index++) {
            HealedMap map = maps.get(specs.get(index));
            FoundDevice member = array.devices().get(index);
            if (map == null) {
                continue;
            }
            ByteRanges holes = array.holes(member);
            long dataOffsetBytes = Sectors.toBytes(member.superblock().dataOffsetSectors());
            HoleHealer.Tally tally = healer.fill(array.slot(member), opened.get(index), dataOffsetBytes, holes);
            healedBytes += tally.of(Outcome.SOLVED);
            lostBytes += holes.totalBytes() - tally.of(Outcome.SOLVED);
            lines.add(line(opened.get(index), map, tally));
        }
        lines.add(
                "healed " + healedBytes + " bytes; of what the array stores, " + lostBytes + " bytes stay unreadable");
        return new Report(List.copyOf(lines), healedBytes, lostBytes);
    }

    private static String line(BlockDevice image, HealedMap map, HoleHealer.Tally tally) {
        StringBuilder line = new StringBuilder(image.name() + ": " + tally.of(Outcome.SOLVED)
                + " bytes were solved from the other members and written");
        add(line, tally.of(Outcome.LOST), "too many other members lack the same bytes");
        add(line, tally.of(Outcome.IN_DOUBT), "parity is not known to be right there");
        add(line, tally.of(Outcome.NEVER_WRITTEN), "nothing was ever written there, so no parity was made");
        add(line, tally.of(Outcome.CONTRADICTORY), "P and Q give different content there");
        long inArray = tally.of(Outcome.LOST)
                + tally.of(Outcome.IN_DOUBT)
                + tally.of(Outcome.NEVER_WRITTEN)
                + tally.of(Outcome.CONTRADICTORY);
        add(line, image.unreadable().totalBytes() - inArray, "they are outside of the array's data");
        return line + "; " + map.file() + " is its map now";
    }

    private static void add(StringBuilder line, long bytes, String why) {
        if (bytes > 0) {
            line.append("; ")
                    .append(bytes)
                    .append(" bytes stay unreadable, because ")
                    .append(why);
        }
    }
}
