package io.mdfuse.raid.xray;

import java.util.List;

/**
 * Where the first chunks of an array lie; {@link MapMaker} makes it. With parity the rows are one more than there are
 * slots, so that the pattern is seen to begin again, but {@link #MOST_ROWS} at most.
 *
 * @param volumeSectors the size of the volume
 * @param rows rows of chunks, ascending; rows between two of them may be left out. Empty for RAID-1 and linear
 * @param spans for RAID-1 and linear, which part of the volume each member holds; otherwise empty
 */
public record LayoutMap(long volumeSectors, List<MapRow> rows, List<MapSpan> spans) {
    static final int MOST_ROWS = 12;

    public LayoutMap {
        rows = List.copyOf(rows);
        spans = List.copyOf(spans);
    }

    static int rowsShown(int slots) {
        return Math.min(slots + 1, MOST_ROWS);
    }
}
