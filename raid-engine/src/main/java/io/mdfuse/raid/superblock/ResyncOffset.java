package io.mdfuse.raid.superblock;

/**
 * How far the parity of an array is known to be correct: md's field resync_offset (in the kernel
 * {@code mddev->recovery_cp}). Immutable.
 *
 * <pre>
 *   in superblocks   here         parity
 *   all ones         in sync      is correct everywhere
 *   0                dirty        may be wrong anywhere: a crash leads to a resync of the whole array
 *   n                at(n)        is correct in all stripes below member sector n, and may be wrong from n on
 * </pre>
 *
 * Other negative numbers, which are beyond any device, are read as dirty: the safe interpretation.
 */
public final class ResyncOffset {
    /** All ones, md's MaxSector. */
    private static final long STORED_IN_SYNC = -1;

    private static final ResyncOffset IN_SYNC = new ResyncOffset(STORED_IN_SYNC);
    private static final ResyncOffset DIRTY = new ResyncOffset(0);

    private final long storedSectors;

    private ResyncOffset(long storedSectors) {
        this.storedSectors = storedSectors;
    }

    /** Parity is correct everywhere. */
    public static ResyncOffset inSync() {
        return IN_SYNC;
    }

    /** Parity may be wrong anywhere. */
    public static ResyncOffset dirty() {
        return DIRTY;
    }

    /**
     * Parity is correct below a stripe and may be wrong from that stripe on.
     *
     * @param stripeSector the member sector of that stripe, 0 or more
     */
    public static ResyncOffset at(long stripeSector) {
        if (stripeSector < 0) {
            throw new IllegalArgumentException("a resync can't have come to sector " + stripeSector);
        }
        return stripeSector == 0 ? DIRTY : new ResyncOffset(stripeSector);
    }

    /** From the number in a superblock. */
    public static ResyncOffset ofStored(long storedSectors) {
        return storedSectors == STORED_IN_SYNC ? IN_SYNC : storedSectors < 0 ? DIRTY : at(storedSectors);
    }

    /** The number in a superblock. */
    public long storedSectors() {
        return storedSectors;
    }

    public boolean isInSync() {
        return storedSectors == STORED_IN_SYNC;
    }

    public boolean isDirty() {
        return storedSectors == 0;
    }

    /** True if parity is correct in all stripes below this member sector, the first one after a range. */
    public boolean hasPassed(long endStripeSector) {
        return isInSync() || endStripeSector <= storedSectors;
    }

    /**
     * The member sector of the first stripe whose parity may be wrong.
     *
     * @throws IllegalStateException if parity is correct everywhere
     */
    public long stripeSector() {
        if (isInSync()) {
            throw new IllegalStateException("parity is correct everywhere");
        }
        return storedSectors;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResyncOffset that && storedSectors == that.storedSectors;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(storedSectors);
    }

    @Override
    public String toString() {
        return isInSync() ? "in sync" : isDirty() ? "dirty" : "at sector " + storedSectors;
    }
}
