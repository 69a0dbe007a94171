package io.mdfuse.raid.array.lvm;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.lvm.VolumeGroup.LogicalVolume;
import io.mdfuse.raid.array.lvm.VolumeGroup.Segment;
import io.mdfuse.raid.array.lvm.VolumeGroup.Stripe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a logical volume and its segments from a metadata text.
 *
 * <p>A snapshot is three volumes in the text: the origin, whose segments have the newest content; the store of its old
 * blocks, a plain volume whose bytes are no file system; and a hidden volume with the segment that connects both. While
 * a snapshot is merged, some of the origin's content is still in the store.
 */
final class SegmentReader {
    private static final long MOST_SEGMENTS = 1_000_000;
    private static final long MOST_STRIPES = 128;
    private static final long MOST_STRIPE_SECTORS = 1L << 31;

    private SegmentReader() {}

    /** @param snapshots gets, by their names, the volumes that a snapshot makes unfit to be served, with why */
    static LogicalVolume volume(String name, ConfigSection section, Map<String, String> snapshots)
            throws LvmDamagedException {
        boolean visible = section.list("status").contains("VISIBLE");
        long count = section.number("segment_count", 0, MOST_SEGMENTS);
        List<Segment> segments = new ArrayList<>();
        Optional<String> unserved = Optional.empty();
        long expectedStart = 0;
        for (long number = 1; number <= count; number++) {
            ConfigSection each = section.section("segment" + number);
            Segment segment = segment(each);
            if (segment.startExtent() != expectedStart) {
                throw new LvmDamagedException("LVM2 metadata: " + each.path() + " begins at extent "
                        + segment.startExtent() + ", not at " + expectedStart);
            }
            expectedStart = segment.endExtent();
            segments.add(segment);
            noteSnapshot(segment.type(), each, snapshots);
            if (unserved.isEmpty() && !isServed(segment.type())) {
                unserved = Optional.of("its type is " + segment.type());
            }
        }
        return new LogicalVolume(name, visible, List.copyOf(segments), unserved);
    }

    private static boolean isServed(String type) {
        return type.equals("striped") || type.equals("error") || type.equals("zero");
    }

    private static Segment segment(ConfigSection section) throws LvmDamagedException {
        long start = section.number("start_extent", 0, GroupReader.MOST_EXTENTS);
        long extents = section.number("extent_count", 1, GroupReader.MOST_EXTENTS);
        String word = section.text("type");
        // "linear" is what lvm2 calls a striped segment with one stripe; behind a '+' are flags such as COMPATIBLE.
        String type = word.equals("linear") ? "striped" : word;
        if (!type.equals("striped")) {
            return new Segment(start, extents, type, 0, List.of());
        }
        int stripes = (int) section.number("stripe_count", 1, MOST_STRIPES);
        long stripeBytes = stripes == 1 ? 0 : Sectors.toBytes(section.number("stripe_size", 1, MOST_STRIPE_SECTORS));
        if (extents % stripes != 0) {
            throw new LvmDamagedException(
                    "LVM2 metadata: " + section.path() + " has " + extents + " extents in " + stripes + " stripes");
        }
        return new Segment(start, extents, type, stripeBytes, stripes(section, stripes));
    }

    private static List<Stripe> stripes(ConfigSection section, int count) throws LvmDamagedException {
        List<?> words = section.list("stripes");
        List<Stripe> stripes = new ArrayList<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            if (words.get(i) instanceof String name
                    && words.get(i + 1) instanceof Long extent
                    && extent >= 0
                    && extent <= GroupReader.MOST_EXTENTS) {
                stripes.add(new Stripe(name, extent));
            }
        }
        if (stripes.size() != count || words.size() != 2 * count) {
            throw new LvmDamagedException("LVM2 metadata: " + section.path() + "/stripes does not list " + count);
        }
        return List.copyOf(stripes);
    }

    private static void noteSnapshot(String type, ConfigSection section, Map<String, String> snapshots)
            throws LvmDamagedException {
        if (!type.equals("snapshot")) {
            return;
        }
        String origin = section.text("origin");
        if (section.has("merging_store")) {
            snapshots.put(origin, "a snapshot is being merged into it");
            snapshots.put(section.text("merging_store"), "it is the store of a snapshot");
        } else {
            snapshots.put(section.text("cow_store"), "it is the store of a snapshot");
        }
    }
}
