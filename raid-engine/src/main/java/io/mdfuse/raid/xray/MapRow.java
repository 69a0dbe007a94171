package io.mdfuse.raid.xray;

import java.util.List;

/**
 * One row of chunks: what lies on all members at the same place.
 *
 * @param memberSector where the row begins, in sectors from the start of each member's data
 * @param cells one for each slot, in the order of the slots
 */
public record MapRow(long memberSector, List<MapCell> cells) {
    public MapRow {
        cells = List.copyOf(cells);
    }
}
