package io.mdfuse.raid.array.lvm;

import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.content.VolumeBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A volume with the label of a physical volume, and what its metadata areas say.
 *
 * @param group the newest description of the group in its metadata areas; empty if no area has one, as on a physical
 *     volume that is in no group, or that keeps no metadata
 * @param damage a line for each metadata area that can't be used
 */
public record FoundPhysicalVolume(Volume volume, String uuid, Optional<VolumeGroup> group, List<String> damage) {
    /** lvm2 makes at most two. */
    private static final int MOST_AREAS = 8;

    /**
     * Looks at a volume; empty if it has no label.
     *
     * @throws LvmDamagedException if its label is damaged
     * @throws IOException if its first four sectors can't be read
     */
    public static Optional<FoundPhysicalVolume> in(Volume volume) throws IOException {
        VolumeBytes bytes = new VolumeBytes(volume);
        Optional<PhysicalVolumeLabel> label = PhysicalVolumeLabel.find(bytes);
        return label.map(each -> of(volume, each, bytes));
    }

    private static FoundPhysicalVolume of(Volume volume, PhysicalVolumeLabel label, VolumeBytes bytes) {
        Optional<VolumeGroup> newest = Optional.empty();
        List<String> damage = new ArrayList<>();
        for (PhysicalVolumeLabel.Area area :
                label.metadataAreas().stream().limit(MOST_AREAS).toList()) {
            try {
                Optional<String> text = MetadataArea.text(bytes, area);
                if (text.isPresent()) {
                    newest = newer(newest, GroupReader.parse(text.get()));
                }
            } catch (IOException e) {
                damage.add(volume.name() + ": " + e.getMessage());
            }
        }
        return new FoundPhysicalVolume(volume, label.uuid(), newest, List.copyOf(damage));
    }

    private static Optional<VolumeGroup> newer(Optional<VolumeGroup> known, VolumeGroup other) {
        return known.filter(each -> each.sequence() >= other.sequence()).or(() -> Optional.of(other));
    }
}
