package io.mdfuse.raid.copies;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * RAID-1: every slot holds the whole volume. md knows no chunk here, so the size is not rounded (Linux
 * {@code raid1_size}).
 *
 * @param slots the number of slots (md: raid_disks), at least 1
 * @param volumeSectors the sectors used of each member
 */
record MirrorLayout(int slots, long volumeSectors) implements CopyLayout {
    @Override
    public CopyExtent extentAt(long volumeSector) {
        return new CopyExtent(
                volumeSectors - volumeSector,
                IntStream.range(0, slots)
                        .mapToObj(slot -> new CopyPlace(slot, volumeSector))
                        .toList());
    }

    @Override
    public Set<List<Integer>> slotSets() {
        return Set.of(IntStream.range(0, slots).boxed().toList());
    }

    @Override
    public String mdName() {
        return "";
    }
}
