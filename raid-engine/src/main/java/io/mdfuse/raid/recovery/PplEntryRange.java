package io.mdfuse.raid.recovery;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.superblock.PplEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Consecutive stripes of a {@link PplEntry} in which the same data slots were about to be written. An entry that spans
 * less than a chunk is one range; one that spans a chunk has two if its last chunk is not complete.
 *
 * @param stripeSector the first stripe
 * @param sectors member sectors in the range
 * @param partialSector the start of the range's partial parity, in sectors from the start of the entry's
 * @param dataIndexes the data slots that were about to be written
 */
record PplEntryRange(long stripeSector, long sectors, long partialSector, List<Integer> dataIndexes) {

    /** The ranges of an entry, by md's rules; empty if the entry can't belong to this array. */
    static Optional<List<PplEntryRange>> of(PplEntry entry, ArrayGeometry geometry) {
        long partial = entry.partialBytes() / 512;
        long data = entry.dataBytes() / 512;
        long first = entry.dataSector();
        int chunk = geometry.chunkSectors();
        boolean fullSectors = entry.partialBytes() % 512 == 0 && entry.dataBytes() % 512 == 0 && data > 0;
        if (!fullSectors || first < 0 || first >= geometry.arraySectors() || partial > chunk) {
            return Optional.empty();
        }
        boolean spansChunk = partial == chunk;
        long slots = spansChunk ? Math.ceilDiv(data, chunk) : partial > 0 ? data / partial : geometry.dataDisks();
        if (slots <= 0) {
            return Optional.empty();
        }
        int firstIndex = geometry.dataIndexOf(first);
        long rangeSectors = spansChunk ? chunk : partial > 0 ? partial : data / slots;
        boolean fits = firstIndex + slots <= geometry.dataDisks()
                && first % chunk + rangeSectors <= chunk
                && (spansChunk || rangeSectors * slots == data)
                && geometry.parityP(geometry.rowOf(first)) == entry.paritySlot();
        return fits
                ? Optional.of(
                        cut(geometry.stripeSectorOf(first), rangeSectors, data, firstIndex, (int) slots, spansChunk))
                : Optional.empty();
    }

    private static List<PplEntryRange> cut(
            long stripeSector, long rangeSectors, long data, int firstIndex, int slots, boolean spansChunk) {
        long lastEnd = spansChunk ? data - (slots - 1) * rangeSectors : rangeSectors;
        List<PplEntryRange> ranges = new ArrayList<>(2);
        long from = 0;
        for (long end : new TreeSet<>(List.of(lastEnd, rangeSectors))) {
            List<Integer> indexes = new ArrayList<>(slots);
            for (int k = 0; k < slots; k++) {
                if (k < slots - 1 || end <= lastEnd) {
                    indexes.add(firstIndex + k);
                }
            }
            ranges.add(new PplEntryRange(stripeSector + from, end - from, from, indexes));
            from = end;
        }
        return ranges;
    }
}
