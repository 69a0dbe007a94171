package io.mdfuse.raid.copies;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * RAID-10 (Linux {@code __raid10_find_phys}, {@code calc_sectors}). Chunks are laid out row by row; each is repeated
 * {@code near} times before the next one follows, also across the end of a row. Then the whole is repeated
 * {@code far - 1} times, moved by {@code near} slots each time: in the next part of the members, or in the next row.
 *
 * <pre>
 *   near=2, 3 slots      far=2, 3 slots      offset=2, 3 slots
 *   0  0  1              0  1  2             0  1  2
 *   1  2  2              3  4  5             2  0  1
 *   3  3  4              2  0  1             3  4  5
 *   4  5  5              5  3  4             5  3  4
 * </pre>
 */
final class NearFarLayout implements CopyLayout {
    private final CopyCounts counts;
    private final int slots;
    private final long chunkSectors;
    private final long volumeChunks;
    /** By how many sectors of a member a far copy is behind the one before. */
    private final long strideSectors;

    /**
     * @param slots the number of slots, at least as many as there are copies
     * @param memberSectors the sectors used of each member
     */
    NearFarLayout(CopyCounts counts, int slots, long chunkSectors, long memberSectors) {
        this.counts = counts;
        this.slots = slots;
        this.chunkSectors = chunkSectors;
        long rows = memberSectors / chunkSectors / counts.far();
        this.volumeChunks = rows * slots / counts.near();
        long usedRows = Math.ceilDiv(volumeChunks * counts.copies(), (long) slots);
        this.strideSectors = (counts.offset() ? 1 : usedRows / counts.far()) * chunkSectors;
    }

    /**
     * True if no two chunks share a place. It is false for some combinations of near and far copies that mdadm does not
     * make: md itself then writes one chunk over another.
     */
    static boolean isSound(CopyCounts counts, int slots) {
        NearFarLayout layout = new NearFarLayout(counts, slots, 1, slots);
        Set<Integer> targets = new LinkedHashSet<>();
        for (int slot = 0; slot < slots; slot++) {
            targets.add(layout.nextFar(slot));
        }
        boolean rowsOverlap = counts.offset() && counts.far() > 1 && slots % counts.near() != 0;
        return targets.size() == slots && !rowsOverlap;
    }

    @Override
    public long volumeSectors() {
        return volumeChunks * chunkSectors;
    }

    @Override
    public CopyExtent extentAt(long volumeSector) {
        long inChunk = volumeSector % chunkSectors;
        return new CopyExtent(chunkSectors - inChunk, places(volumeSector / chunkSectors, inChunk));
    }

    private List<CopyPlace> places(long chunk, long inChunk) {
        long first = chunk * counts.near();
        int slot = (int) (first % slots);
        long row = first / slots * (counts.offset() ? counts.far() : 1);
        List<CopyPlace> places = new ArrayList<>();
        for (int near = 0; near < counts.near(); near++) {
            int place = slot;
            for (int far = 0; far < counts.far(); far++) {
                places.add(new CopyPlace(place, row * chunkSectors + inChunk + far * strideSectors));
                place = nextFar(place);
            }
            slot++;
            if (slot == slots) {
                slot = 0;
                row++;
            }
        }
        return places;
    }

    /** The slot of the next far copy. If the slots can't be divided into sets evenly, the last set has the rest too. */
    private int nextFar(int slot) {
        int setSize = counts.farSetSize(slots);
        int rest = slots % setSize;
        int lastSetStart = (slots / setSize - 1) * setSize;
        int moved = slot + counts.near();
        if (rest != 0 && moved > lastSetStart) {
            return lastSetStart + (moved - lastSetStart) % (setSize + rest);
        }
        return slot / setSize * setSize + moved % setSize;
    }

    @Override
    public Set<List<Integer>> slotSets() {
        Set<List<Integer>> sets = new LinkedHashSet<>();
        // After as many chunks as there are slots the slots repeat.
        for (long chunk = 0; chunk < Math.min(volumeChunks, slots); chunk++) {
            sets.add(places(chunk, 0).stream().map(CopyPlace::slot).sorted().toList());
        }
        return sets;
    }

    @Override
    public String mdName() {
        return counts.mdName();
    }
}
