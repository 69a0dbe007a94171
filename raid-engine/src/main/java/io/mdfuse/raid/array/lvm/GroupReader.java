package io.mdfuse.raid.array.lvm;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.lvm.VolumeGroup.LogicalVolume;
import io.mdfuse.raid.array.lvm.VolumeGroup.PhysicalVolume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a volume group from its parsed text: the one section on the top level, named like the group. Numbers are
 * bounded so that no later sum of bytes can overflow: an extent has at most 2^31 sectors, a volume at most 2^61 bytes.
 */
final class GroupReader {
    private static final long MOST_SECTORS = 1L << 31;
    static final long MOST_EXTENTS = 1L << 32;
    private static final long MOST_BYTES = 1L << 61;

    private GroupReader() {}

    static VolumeGroup parse(String text) throws LvmDamagedException {
        return read(ConfigText.parse(text));
    }

    private static VolumeGroup read(ConfigSection text) throws LvmDamagedException {
        List<Map.Entry<String, ConfigSection>> groups = text.sections();
        if (groups.size() != 1) {
            throw new LvmDamagedException("LVM2 metadata: " + groups.size() + " volume groups in one text");
        }
        ConfigSection group = groups.getFirst().getValue();
        long extentSectors = group.number("extent_size", 1, MOST_SECTORS);
        long extentBytes = Sectors.toBytes(extentSectors);
        List<PhysicalVolume> physical = new ArrayList<>();
        for (Map.Entry<String, ConfigSection> each :
                group.section("physical_volumes").sections()) {
            physical.add(physical(name(each), each.getValue(), extentBytes));
        }
        return new VolumeGroup(
                name(groups.getFirst()),
                uuid(group),
                group.number("seqno", 0, Long.MAX_VALUE),
                extentBytes,
                List.copyOf(physical),
                logical(group, extentBytes));
    }

    private static PhysicalVolume physical(String name, ConfigSection section, long extentBytes)
            throws LvmDamagedException {
        long startBytes = Sectors.toBytes(section.number("pe_start", 0, MOST_BYTES >> 9));
        long extents = section.number("pe_count", 0, MOST_EXTENTS);
        requireFits(extents, extentBytes, section.path());
        String device = section.has("device") ? section.text("device") : "";
        return new PhysicalVolume(name, uuid(section), device, startBytes, extents);
    }

    private static List<LogicalVolume> logical(ConfigSection group, long extentBytes) throws LvmDamagedException {
        List<LogicalVolume> volumes = new ArrayList<>();
        Map<String, String> snapshots = new LinkedHashMap<>();
        if (group.has("logical_volumes")) {
            for (Map.Entry<String, ConfigSection> each :
                    group.section("logical_volumes").sections()) {
                LogicalVolume volume = SegmentReader.volume(name(each), each.getValue(), snapshots);
                requireFits(volume.extents(), extentBytes, each.getValue().path());
                volumes.add(volume);
            }
        }
        return volumes.stream().map(volume -> withSnapshot(volume, snapshots)).toList();
    }

    /** What the snapshot segments of the group say about a volume comes on top of its own segments. */
    private static LogicalVolume withSnapshot(LogicalVolume volume, Map<String, String> snapshots) {
        String why = snapshots.get(volume.name());
        return why == null || volume.unserved().isPresent()
                ? volume
                : new LogicalVolume(volume.name(), volume.visible(), volume.segments(), Optional.of(why));
    }

    private static void requireFits(long extents, long extentBytes, String path) throws LvmDamagedException {
        if (extents > MOST_BYTES / extentBytes) {
            throw new LvmDamagedException("LVM2 metadata: " + path + " has " + extents + " extents");
        }
    }

    private static String name(Map.Entry<String, ConfigSection> section) throws LvmDamagedException {
        if (!LvmNames.isName(section.getKey())) {
            throw new LvmDamagedException("LVM2 metadata: " + section.getValue().path() + " is not a name");
        }
        return section.getKey();
    }

    private static String uuid(ConfigSection section) throws LvmDamagedException {
        String uuid = section.text("id").replace("-", "");
        if (!LvmNames.isUuid(uuid)) {
            throw new LvmDamagedException("LVM2 metadata: " + section.path() + "/id is not a UUID");
        }
        return uuid;
    }
}
