package io.mdfuse.raid.recovery;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.superblock.PplEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Consecutive stripes of a {@link PplEntry} in which the same data slots were about to be written. An entry that spans
 * less than a chunk is one strip; one that spans a chunk has two where its last chunk is not whole.
 *
 * @param stripeSector the first stripe
 * @param sectors how many member sectors it covers
 * @param partialSector where its partial parity begins, from the start of the entry's
 * @param dataIndexes the data slots that were about to be written
 */
record PplStrip(long stripeSector, long sectors, long partialSector, List<Integer> dataIndexes) {

    /** The strips of an entry, by md's rules; empty where it makes no sense for this array. */
    static Optional<List<PplStrip>> of(PplEntry entry, ArrayGeometry geometry) {
        long partial = entry.partialBytes() / 512;
        long data = entry.dataBytes() / 512;
        long first = entry.dataSector();
        int chunk = geometry.chunkSectors();
        boolean whole = entry.partialBytes() % 512 == 0 && entry.dataBytes() % 512 == 0 && data > 0;
        if (!whole || first < 0 || first >= geometry.arraySectors() || partial > chunk) {
            return Optional.empty();
        }
        boolean spansChunk = partial == chunk;
        long slots = spansChunk ? Math.ceilDiv(data, chunk) : partial > 0 ? data / partial : geometry.dataDisks();
        if (slots <= 0) {
            return Optional.empty();
        }
        int firstIndex = geometry.dataIndexOf(first);
        long strip = spansChunk ? chunk : partial > 0 ? partial : data / slots;
        boolean fits = firstIndex + slots <= geometry.dataDisks()
                && first % chunk + strip <= chunk
                && (spansChunk || strip * slots == data)
                && geometry.parityP(geometry.rowOf(first)) == entry.paritySlot();
        return fits
                ? Optional.of(cut(geometry.stripeSectorOf(first), strip, data, firstIndex, (int) slots, spansChunk))
                : Optional.empty();
    }

    private static List<PplStrip> cut(
            long stripeSector, long strip, long data, int firstIndex, int slots, boolean spansChunk) {
        long lastEnd = spansChunk ? data - (slots - 1) * strip : strip;
        List<PplStrip> strips = new ArrayList<>(2);
        long from = 0;
        for (long end : new TreeSet<>(List.of(lastEnd, strip))) {
            List<Integer> indexes = new ArrayList<>(slots);
            for (int k = 0; k < slots; k++) {
                if (k < slots - 1 || end <= lastEnd) {
                    indexes.add(firstIndex + k);
                }
            }
            strips.add(new PplStrip(stripeSector + from, end - from, from, indexes));
            from = end;
        }
        return strips;
    }
}
