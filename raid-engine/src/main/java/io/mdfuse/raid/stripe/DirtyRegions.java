package io.mdfuse.raid.stripe;

import java.util.BitSet;

/**
 * The regions, of equal length, in which parity may be wrong after a crash, or in which a former member may lack
 * writes: the content of a write-intent bitmap. Immutable; the {@link SyncPosition} knows the progress of the resync.
 *
 * <pre>
 *   region      0        1        2        3
 *   stripes     |--------|########|--------|########|      # dirty: being written when power failed
 * </pre>
 */
public final class DirtyRegions implements RegionsToCopy {
    private final long regionSectors;
    private final BitSet dirty;

    /**
     * Copies the regions of a bitmap.
     *
     * @param regionSectors member sectors in a region
     * @param dirty bit n is set if region n is dirty
     */
    public DirtyRegions(long regionSectors, BitSet dirty) {
        this.regionSectors = regionSectors;
        this.dirty = (BitSet) dirty.clone();
    }

    /** How many regions are dirty. */
    public int count() {
        return dirty.cardinality();
    }

    /** True if any sector of the interval lies in a dirty region. */
    boolean touches(long fromSector, long endSector) {
        return firstDirty(fromSector) < endSector;
    }

    /**
     * The first sector from {@code stripeSector} on that lies in a dirty region; {@link Long#MAX_VALUE} if there is
     * none.
     */
    public long firstDirty(long stripeSector) {
        int region = dirty.nextSetBit((int) (stripeSector / regionSectors));
        return region < 0 ? Long.MAX_VALUE : Math.max(stripeSector, region * regionSectors);
    }

    /** The sector behind the first series of dirty regions from {@code stripeSector} on; there must be one. */
    public long endOfDirty(long stripeSector) {
        return dirty.nextClearBit((int) (firstDirty(stripeSector) / regionSectors)) * regionSectors;
    }

    @Override
    public long firstToCopy(long fromSector) {
        return firstDirty(fromSector);
    }

    @Override
    public long endToCopy(long fromSector) {
        return endOfDirty(fromSector);
    }

    @Override
    public boolean othersAreEmpty() {
        return false;
    }
}
