package io.mdfuse.raid.copies;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Linear: the members one after another, in the order of their slots. Each counts with whole chunks only, if the array
 * has a chunk ("rounding"; Linux {@code linear_conf}).
 */
final class Concatenation implements CopyLayout {
    /** By slot the volume sector at which the member begins; one more entry for the volume's end. */
    private final List<Long> starts = new ArrayList<>();

    /**
     * @param memberSectors by slot the sectors that each member has for data
     * @param chunkSectors the unit to which each member is rounded down; 0 for none
     */
    Concatenation(List<Long> memberSectors, long chunkSectors) {
        long start = 0;
        starts.add(start);
        for (long sectors : memberSectors) {
            start += chunkSectors == 0 ? sectors : sectors - sectors % chunkSectors;
            starts.add(start);
        }
    }

    @Override
    public long volumeSectors() {
        return starts.getLast();
    }

    @Override
    public CopyExtent extentAt(long volumeSector) {
        int slot = 0;
        while (starts.get(slot + 1) <= volumeSector) {
            slot++;
        }
        return new CopyExtent(
                starts.get(slot + 1) - volumeSector, List.of(new CopyPlace(slot, volumeSector - starts.get(slot))));
    }

    @Override
    public Set<List<Integer>> slotSets() {
        return IntStream.range(0, starts.size() - 1).mapToObj(List::of).collect(Collectors.toSet());
    }

    @Override
    public String mdName() {
        return "";
    }
}
