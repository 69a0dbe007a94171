package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopyShape;
import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** An array that a search of a directory found: its devices there, and its description by the freshest superblock. */
final class FoundArray {
    private static final Comparator<Superblock> FRESHEST_LAST = Comparator.comparing(
                    (Superblock each) -> each.ownRole() != Roles.SPARE)
            .thenComparing(Superblock::events, Long::compareUnsigned);

    private final List<DeviceSpec> devices = new ArrayList<>();
    private final List<Superblock> superblocks = new ArrayList<>();

    void add(DeviceSpec device, Superblock superblock) {
        devices.add(device);
        superblocks.add(superblock);
    }

    List<DeviceSpec> devices() {
        return List.copyOf(devices);
    }

    /** Passes on the device and the superblock of every member. */
    void forEachMember(BiConsumer<String, Superblock> members) {
        for (int i = 0; i < devices.size(); i++) {
            members.accept(devices.get(i).toString(), superblocks.get(i));
        }
    }

    /** True if this is the array's name, with or without {@code host:} before it, or its UUID. */
    boolean isCalled(String name) {
        Superblock freshest = freshest();
        String full = freshest.setName();
        return full.equals(name)
                || (!full.isEmpty() && full.substring(full.indexOf(':') + 1).equals(name))
                || freshest.setUuidText().equals(name.toLowerCase(Locale.ROOT));
    }

    /** True if arrays of its level are served, read-only at least. */
    boolean isServed() {
        return hasParity() || CopyLevel.of(freshest()).isPresent();
    }

    /** True if its level has parity; others are served read-only, if at all. */
    boolean hasParity() {
        int level = freshest().level();
        return level >= 4 && level <= 6;
    }

    String uuid() {
        return freshest().setUuidText();
    }

    /** The array's name, level, size and devices, in one line. */
    String describe() {
        Superblock freshest = freshest();
        String name = freshest.setName().isEmpty() ? "(no name)" : freshest.setName();
        String files = devices.stream().map(DeviceSpec::shortName).collect(Collectors.joining(" "));
        String level = freshest.level() == -1 ? "linear" : "RAID-" + freshest.level();
        return name + ": " + level + " of " + freshest.raidDisks() + ", " + size(freshest) + ", UUID "
                + freshest.setUuidText() + ", " + devices.size() + (devices.size() == 1 ? " device: " : " devices: ")
                + files;
    }

    private Superblock freshest() {
        return Objects.requireNonNull(superblocks.stream().max(FRESHEST_LAST).orElse(null));
    }

    private String size(Superblock freshest) {
        Optional<CopyLevel> withoutParity = CopyLevel.of(freshest);
        if (withoutParity.isPresent()) {
            return sizeWithoutParity(withoutParity.get(), freshest);
        }
        long chunk = Math.max(1, freshest.chunkSectors());
        int dataDisks = Math.max(1, freshest.raidDisks() - (freshest.level() == 6 ? 2 : 1));
        return words(freshest.usedSectors() / chunk * chunk * dataDisks);
    }

    private String sizeWithoutParity(CopyLevel level, Superblock freshest) {
        Map<Integer, Long> dataSectors = new TreeMap<>();
        superblocks.stream()
                .filter(each -> each.ownRole() < freshest.raidDisks())
                .forEach(each -> dataSectors.put(each.ownRole(), each.dataSizeSectors()));
        if (!level.keepsCopies() && dataSectors.size() < freshest.raidDisks()) {
            return "of unknown size as devices are missing";
        }
        try {
            // The size is the same in either order.
            return words(CopyShape.layout("", level, freshest, List.copyOf(dataSectors.values()), StripeOrder.ALTERNATE)
                    .volumeSectors());
        } catch (ArrayRefusedException e) {
            return "of unknown size";
        }
    }

    private static String words(long sectors) {
        double mebibytes = Sectors.toBytes(sectors) / (double) (1 << 20);
        return mebibytes < 1024
                ? String.format(Locale.ROOT, "%.1f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
    }
}
