package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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

    /** True if this is the array's name, with or without {@code host:} before it, or its UUID. */
    boolean isCalled(String name) {
        Superblock freshest = freshest();
        String full = freshest.setName();
        return full.equals(name)
                || (!full.isEmpty() && full.substring(full.indexOf(':') + 1).equals(name))
                || freshest.setUuidText().equals(name.toLowerCase(Locale.ROOT));
    }

    /** True if mdfuse serves arrays of its level. */
    boolean isServed() {
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
        return name + ": RAID-" + freshest.level() + " of " + freshest.raidDisks() + ", " + size(freshest) + ", UUID "
                + freshest.setUuidText() + ", " + devices.size() + (devices.size() == 1 ? " device: " : " devices: ")
                + files;
    }

    private Superblock freshest() {
        return Objects.requireNonNull(superblocks.stream().max(FRESHEST_LAST).orElse(null));
    }

    /**
     * How many members' capacity the volume has. A RAID-1 has the capacity of one member; for a RAID-10 the members
     * are divided by the number of copies.
     */
    private static int dataDisks(Superblock superblock) {
        int disks = Math.max(1, superblock.raidDisks());
        int layout = superblock.layout();
        return switch (superblock.level()) {
            case 1 -> 1;
            case 4, 5 -> Math.max(1, disks - 1);
            case 6 -> Math.max(1, disks - 2);
            case 10 -> Math.max(1, disks / Math.max(1, (layout & 0xff) * (layout >> 8 & 0xff)));
            default -> disks;
        };
    }

    private static String size(Superblock superblock) {
        long chunk = Math.max(1, superblock.chunkSectors());
        long sectors = superblock.usedSectors() / chunk * chunk * dataDisks(superblock);
        double mebibytes = Sectors.toBytes(sectors) / (double) (1 << 20);
        return mebibytes < 1024
                ? String.format(Locale.ROOT, "%.1f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
    }
}
