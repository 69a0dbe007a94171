package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.lvm.FoundPhysicalVolume;
import io.mdfuse.raid.array.lvm.VolumeGroup;
import io.mdfuse.raid.array.lvm.VolumeGroup.PhysicalVolume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Puts volume groups together from the physical volumes that were found. A physical volume belongs to the group whose
 * newest description lists its UUID; it need not have a description itself. Of a group that is described several times,
 * the description that was changed last counts: each change is written to all physical volumes that are present, so one
 * with an older description was missing then.
 */
final class GroupAssembly {
    private final List<FoundPhysicalVolume> found;
    private final Consumer<String> lines;

    /** @param lines gets a line for each thing that the user should know */
    GroupAssembly(List<FoundPhysicalVolume> found, Consumer<String> lines) {
        this.found = found;
        this.lines = lines;
    }

    List<AssembledGroup> groups() {
        found.forEach(each -> each.damage().forEach(lines));
        Map<String, Volume> volumeByUuid = withoutCopies();
        List<AssembledGroup> groups = new ArrayList<>();
        newest().values().forEach(group -> groups.add(group(group, volumeByUuid)));
        for (FoundPhysicalVolume each : found) {
            if (groups.stream().noneMatch(group -> group.present().containsValue(each.volume()))) {
                lines.accept(each.volume().name() + " is an LVM2 physical volume, and in no volume group that was"
                        + " found");
            }
        }
        groups.forEach(this::sayWhatIsMissing);
        return groups;
    }

    /** Each physical volume by its UUID; of copies the one with the newest description: its bytes are newer too. */
    private Map<String, Volume> withoutCopies() {
        Map<String, Integer> used = new LinkedHashMap<>();
        for (int index = 0; index < found.size(); index++) {
            used.merge(found.get(index).uuid(), index, this::newer);
        }
        Map<String, Volume> volumes = new LinkedHashMap<>();
        used.forEach((uuid, index) -> volumes.put(uuid, found.get(index).volume()));
        for (int index = 0; index < found.size(); index++) {
            String uuid = found.get(index).uuid();
            Volume other = volumes.get(uuid);
            if (other != null && !Integer.valueOf(index).equals(used.get(uuid))) {
                lines.accept(found.get(index).volume().name() + " is the same LVM2 physical volume as " + other.name()
                        + ", perhaps a copy: " + other.name() + " is used");
            }
        }
        return volumes;
    }

    private int newer(int known, int other) {
        return sequence(found.get(other)) > sequence(found.get(known)) ? other : known;
    }

    /** The newest description of each group, by the group's UUID. */
    private Map<String, VolumeGroup> newest() {
        Map<String, FoundPhysicalVolume> newest = new LinkedHashMap<>();
        for (FoundPhysicalVolume each : found) {
            each.group()
                    .ifPresent(group -> newest.merge(
                            group.uuid(), each, (known, other) -> sequence(other) > sequence(known) ? other : known));
        }
        Map<String, VolumeGroup> groups = new LinkedHashMap<>();
        newest.forEach((uuid, source) -> {
            VolumeGroup group = source.group().orElseThrow();
            groups.put(uuid, group);
            found.forEach(each -> compare(each, source.volume(), group));
        });
        return groups;
    }

    private static long sequence(FoundPhysicalVolume volume) {
        return volume.group().map(VolumeGroup::sequence).orElse(-1L);
    }

    private void compare(FoundPhysicalVolume other, Volume source, VolumeGroup newest) {
        other.group()
                .filter(group -> group.uuid().equals(newest.uuid()) && !group.equals(newest))
                .ifPresent(group -> lines.accept("volume group " + newest.name() + ": "
                        + other.volume().name()
                        + (group.sequence() < newest.sequence()
                                ? " missed changes of it: it has change " + group.sequence() + ", " + source.name()
                                        + " has " + newest.sequence()
                                : " describes change " + newest.sequence() + " of it otherwise than " + source.name())
                        + "; the description of " + source.name() + " is used"));
    }

    private AssembledGroup group(VolumeGroup group, Map<String, Volume> volumeByUuid) {
        Map<String, Volume> present = new LinkedHashMap<>();
        for (PhysicalVolume each : group.physicalVolumes()) {
            Volume volume = volumeByUuid.get(each.uuid());
            if (volume != null) {
                present.put(each.name(), volume);
                if (volume.sizeBytes() - each.startBytes() < each.extents() * group.extentBytes()) {
                    lines.accept("volume group " + group.name() + ": " + volume.name()
                            + " is smaller than it should be; what lies behind its end can't be read");
                }
            }
        }
        return new AssembledGroup(group, present);
    }

    private void sayWhatIsMissing(AssembledGroup group) {
        group.missing()
                .forEach((physical, affected) -> lines.accept("volume group "
                        + group.description().name() + ": its physical volume " + physical.name()
                        + (physical.device().isEmpty() ? "" : " (last " + physical.device() + ")") + " is missing; "
                        + (affected.isEmpty()
                                ? "no logical volume has extents on it"
                                : "extents on it can't be read, and these have some: " + String.join(", ", affected))));
    }
}
