package io.mdfuse.raid.lost;

import io.mdfuse.raid.geometry.ParityLayout;

/**
 * The numbers of an array that superblocks would have.
 *
 * @param dataOffsetBytes the start of the data on each device
 */
public record LostArrayShape(ParityLayout layout, int raidDisks, int chunkBytes, long dataOffsetBytes) {
    /** 4, 5 or 6. */
    public int level() {
        return layout.level();
    }
}
