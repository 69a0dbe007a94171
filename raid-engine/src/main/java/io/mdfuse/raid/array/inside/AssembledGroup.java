package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.lvm.VolumeGroup;
import io.mdfuse.raid.array.lvm.VolumeGroup.LogicalVolume;
import io.mdfuse.raid.array.lvm.VolumeGroup.PhysicalVolume;
import io.mdfuse.raid.array.lvm.VolumeGroup.Segment;
import io.mdfuse.raid.array.lvm.VolumeGroup.Stripe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A volume group with the volumes on which its physical volumes were found.
 *
 * @param description the newest description of the group
 * @param present by the names that the description uses
 */
record AssembledGroup(VolumeGroup description, Map<String, Volume> present) {
    /** Why a logical volume can't be served; empty if it can. */
    Optional<String> unserved(LogicalVolume logical) {
        if (logical.unserved().isPresent()) {
            return logical.unserved();
        }
        if (logical.extents() == 0) {
            return Optional.of("it has no extents");
        }
        for (Segment segment : logical.segments()) {
            for (Stripe stripe : segment.stripes()) {
                if (description.physicalVolume(stripe.name()).isEmpty()) {
                    return Optional.of(
                            stripe.name().startsWith("pvmove")
                                    ? "pvmove was moving a part of it"
                                    : "a part of it lies on the volume " + stripe.name() + ", which is no physical"
                                            + " volume");
                }
            }
        }
        return Optional.empty();
    }

    /** The missing physical volumes, each with the names of the logical volumes that have extents on it. */
    Map<PhysicalVolume, List<String>> missing() {
        Map<PhysicalVolume, List<String>> missing = new LinkedHashMap<>();
        for (PhysicalVolume each : description.physicalVolumes()) {
            if (!present.containsKey(each.name())) {
                missing.put(
                        each,
                        description.logicalVolumes().stream()
                                .filter(logical -> isOn(logical, each))
                                .map(LogicalVolume::name)
                                .toList());
            }
        }
        return missing;
    }

    private static boolean isOn(LogicalVolume logical, PhysicalVolume physical) {
        return logical.segments().stream()
                .flatMap(segment -> segment.stripes().stream())
                .anyMatch(stripe -> stripe.name().equals(physical.name()));
    }

    /** The volume of a logical volume for which {@link #unserved} is empty. */
    MappedVolume map(LogicalVolume logical, String name) {
        Map<Long, Piece> pieces = new LinkedHashMap<>();
        for (Segment segment : logical.segments()) {
            pieces.put(segment.startExtent() * description.extentBytes(), piece(segment));
        }
        return new MappedVolume(name, pieces, logical.extents() * description.extentBytes());
    }

    private Piece piece(Segment segment) {
        if (segment.type().equals("zero")) {
            return new Piece.Zeros();
        }
        if (segment.type().equals("error")) {
            return new Piece.Missing("LVM2 says that there is nothing (a segment of the type error)");
        }
        List<Piece> parts = new ArrayList<>();
        for (Stripe stripe : segment.stripes()) {
            parts.add(part(
                    description.physicalVolume(stripe.name()).orElseThrow(),
                    stripe.startExtent(),
                    segment.extents() / segment.stripes().size()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Piece.Striped(parts, segment.stripeBytes());
    }

    private Piece part(PhysicalVolume physical, long startExtent, long extents) {
        Volume volume = present.get(physical.name());
        if (volume == null) {
            return new Piece.Missing("the physical volume " + physical.name() + " is missing");
        }
        if (startExtent > physical.extents() - extents) {
            return new Piece.Missing(
                    "the physical volume " + physical.name() + " has no extent " + (startExtent + extents - 1));
        }
        return new Piece.Linear(volume, physical.startBytes() + startExtent * description.extentBytes());
    }
}
