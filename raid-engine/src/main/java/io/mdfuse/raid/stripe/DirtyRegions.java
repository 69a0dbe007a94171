package io.mdfuse.raid.stripe;

import java.util.BitSet;

/**
 * Where parity may be wrong after a crash, or a member that left may lack something, in regions of equal length: what a
 * write-intent bitmap says. It is never changed once made; how far the resync has come is the {@link SyncPosition}'s to
 * know.
 *
 * <pre>
 *   region      0        1        2        3
 *   stripes     |--------|########|--------|########|      # dirty: written to when power went
 * </pre>
 */
public final class DirtyRegions {
    private final long regionSectors;
    private final BitSet dirty;

    /**
     * Takes the regions as they were found.
     *
     * @param regionSectors member sectors in a region
     * @param dirty by number, the regions whose parity may be wrong
     */
    public DirtyRegions(long regionSectors, BitSet dirty) {
        this.regionSectors = regionSectors;
        this.dirty = (BitSet) dirty.clone();
    }

    /** How many regions are dirty. */
    public int count() {
        return dirty.cardinality();
    }

    /** True where any of the stripes lies in a dirty region. */
    boolean touches(long fromStripeSector, long endStripeSector) {
        return firstDirty(fromStripeSector) < endStripeSector;
    }

    /**
     * The first sector from {@code stripeSector} on that lies in a dirty region; the largest number where none does.
     */
    public long firstDirty(long stripeSector) {
        int region = dirty.nextSetBit((int) (stripeSector / regionSectors));
        return region < 0 ? Long.MAX_VALUE : Math.max(stripeSector, region * regionSectors);
    }

    /** The sector behind the first row of dirty regions from {@code stripeSector} on; there is one. */
    public long endOfDirty(long stripeSector) {
        return dirty.nextClearBit((int) (firstDirty(stripeSector) / regionSectors)) * regionSectors;
    }
}
