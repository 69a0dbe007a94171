package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.lvm.FoundPhysicalVolume;
import io.mdfuse.raid.array.lvm.LvmNames;
import io.mdfuse.raid.array.lvm.VolumeGroup;
import io.mdfuse.raid.array.lvm.VolumeGroup.LogicalVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The volumes inside of one or several arrays.
 *
 * <pre>
 *   array ─┬─ a label of LVM2 ──────────▶ a physical volume
 *          └─ a partition table ────────▶ partitions ── a label of LVM2 ──▶ physical volumes
 *   physical volumes of all arrays ─────▶ volume groups ─▶ logical volumes ── a partition table ──▶ their partitions
 * </pre>
 *
 * <p>Everything is looked for once, when this object is made, and only read. What can't be read or is damaged is a line
 * for the user, and never keeps the rest from being served.
 */
public final class InnerVolumes {
    private final FileNames names = new FileNames();
    private final List<InnerVolume> outer = new ArrayList<>();
    private final List<InnerVolume> files = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private InnerVolumes() {}

    /**
     * Looks into the arrays.
     *
     * @param arrays the arrays, read-only: what is inside is looked for once
     */
    public static InnerVolumes of(List<? extends Volume> arrays) {
        InnerVolumes found = new InnerVolumes();
        for (Volume array : arrays) {
            found.outer.add(new InnerVolume(found.names.unique(array.name()), array, "array"));
        }
        List<FoundPhysicalVolume> physical = new ArrayList<>();
        found.outer.forEach(array -> found.lookInto(array, physical));
        new GroupAssembly(physical, found.lines::add).groups().forEach(found::addLogicalVolumes);
        return found;
    }

    private void lookInto(InnerVolume array, List<FoundPhysicalVolume> physical) {
        Optional<FoundPhysicalVolume> own = physicalVolume(array);
        if (own.isPresent()) {
            physical.add(own.get());
            return;
        }
        for (InnerVolume partition : PartitionFiles.of(array.volume(), array.fileName(), names, lines::add)) {
            files.add(partition);
            physicalVolume(partition).ifPresent(physical::add);
        }
    }

    private Optional<FoundPhysicalVolume> physicalVolume(InnerVolume each) {
        try {
            return FoundPhysicalVolume.in(each.volume());
        } catch (IOException e) {
            lines.add(each.fileName() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private void addLogicalVolumes(AssembledGroup group) {
        VolumeGroup description = group.description();
        List<String> words = new ArrayList<>();
        for (LogicalVolume logical : description.logicalVolumes()) {
            if (!logical.visible()) {
                continue;
            }
            words.add(logical.name());
            Optional<String> unserved = group.unserved(logical);
            if (unserved.isPresent()) {
                lines.add("logical volume " + description.name() + "/" + logical.name() + " is not served: "
                        + unserved.get());
                continue;
            }
            String name = names.unique(LvmNames.mapped(description.name(), logical.name()));
            MappedVolume volume = group.map(logical, name);
            files.add(new InnerVolume(
                    name, volume, "logical volume " + logical.name() + " of volume group " + description.name()));
            files.addAll(PartitionFiles.of(volume, name, names, lines::add));
        }
        groups.add(
                description.name() + (words.isEmpty() ? " without logical volumes" : ": " + String.join(", ", words)));
    }

    /** The arrays themselves, with the names of their files. */
    public List<InnerVolume> arrays() {
        return List.copyOf(outer);
    }

    /** What is inside, in the order in which it was found. */
    public List<InnerVolume> inside() {
        return List.copyOf(files);
    }

    /** Each volume group with the names of its visible logical volumes: {@code vg0: home, root}. */
    public List<String> groups() {
        return List.copyOf(groups);
    }

    /** Lines for the user: what is missing, damaged, or not served. */
    public List<String> lines() {
        return List.copyOf(lines);
    }
}
