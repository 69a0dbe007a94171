package io.mdfuse.raid.array.lvm;

import java.util.List;
import java.util.Optional;

/**
 * A volume group as one metadata text describes it.
 *
 * @param uuid without hyphens
 * @param sequence counts the changes of the group; the highest one is the newest text
 * @param extentBytes the size of an extent, the unit of all allocation
 */
public record VolumeGroup(
        String name,
        String uuid,
        long sequence,
        long extentBytes,
        List<PhysicalVolume> physicalVolumes,
        List<LogicalVolume> logicalVolumes) {
    /**
     * A physical volume of the group.
     *
     * @param name how the segments call it, such as {@code pv0}
     * @param uuid as in its label, without hyphens
     * @param device the path that it had last, a hint for people
     * @param startBytes where its first extent begins
     * @param extents how many extents it has
     */
    public record PhysicalVolume(String name, String uuid, String device, long startBytes, long extents) {}

    /**
     * A logical volume.
     *
     * @param visible false for the parts of others, such as the data of a thin pool
     * @param segments in order and without gaps, from extent 0 on
     * @param unserved why its content is not that of its segments; empty if it is
     */
    public record LogicalVolume(String name, boolean visible, List<Segment> segments, Optional<String> unserved) {
        public long extents() {
            return segments.isEmpty() ? 0 : segments.getLast().endExtent();
        }
    }

    /**
     * A run of extents of a logical volume.
     *
     * @param type lvm2's word: striped (also for linear ones), error, zero, thin, …
     * @param stripeBytes how much goes to one stripe before the next; 0 if there is one stripe
     * @param stripes where the content is; empty for other types than striped
     */
    public record Segment(long startExtent, long extents, String type, long stripeBytes, List<Stripe> stripes) {
        long endExtent() {
            return startExtent + extents;
        }
    }

    /** The beginning of a stripe: an extent of a physical volume, or of another logical volume. */
    public record Stripe(String name, long startExtent) {}

    /** The physical volume that the segments call {@code name}. */
    public Optional<PhysicalVolume> physicalVolume(String name) {
        return physicalVolumes.stream().filter(each -> each.name().equals(name)).findFirst();
    }
}
