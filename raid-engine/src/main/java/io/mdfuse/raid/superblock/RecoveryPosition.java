package io.mdfuse.raid.superblock;

/**
 * How much of its slot's content a member holds: md's field recovery_offset (Linux {@code super_1_validate}).
 * Immutable.
 *
 * <pre>
 *   feature RECOVERY_OFFSET, offset       here       the member holds
 *   not set, or beyond the array's end    in sync    everything
 *   set, 0                                none       nothing valid
 *   set, n                                at(n)      all stripes below member sector n, nothing valid from n on
 * </pre>
 *
 * {@link Superblock#recoveryPosition} reads it, rounded down to whole blocks.
 */
public final class RecoveryPosition {
    private static final RecoveryPosition IN_SYNC = new RecoveryPosition(true, 0);
    private static final RecoveryPosition NONE = new RecoveryPosition(false, 0);

    private final boolean inSync;
    private final long storedSectors;

    private RecoveryPosition(boolean inSync, long storedSectors) {
        this.inSync = inSync;
        this.storedSectors = storedSectors;
    }

    /** The member holds everything. */
    public static RecoveryPosition inSync() {
        return IN_SYNC;
    }

    /** The member holds nothing valid. */
    public static RecoveryPosition none() {
        return NONE;
    }

    /**
     * The member holds the stripes below this one. It is not in sync, even if that is all of them.
     *
     * @param stripeSector a member sector, 0 or more
     */
    public static RecoveryPosition at(long stripeSector) {
        if (stripeSector < 0) {
            throw new IllegalArgumentException("a rebuild can't have come to sector " + stripeSector);
        }
        return stripeSector == 0 ? NONE : new RecoveryPosition(false, stripeSector);
    }

    public boolean isInSync() {
        return inSync;
    }

    public boolean isNone() {
        return !inSync && storedSectors == 0;
    }

    /** True if the member holds all stripes below this member sector. */
    public boolean hasPassed(long endStripeSector) {
        return inSync || endStripeSector <= storedSectors;
    }

    /** How many sectors from its start a member of this size holds: its size if it is in sync. */
    public long heldSectors(long memberSectors) {
        return inSync ? memberSectors : Math.min(storedSectors, memberSectors);
    }

    /** The number in the member's superblock; 0 also for a member in sync, whose superblock does not use the number. */
    public long storedSectors() {
        return storedSectors;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecoveryPosition that && inSync == that.inSync && storedSectors == that.storedSectors;
    }

    @Override
    public int hashCode() {
        return inSync ? -1 : Long.hashCode(storedSectors);
    }

    @Override
    public String toString() {
        return inSync ? "in sync" : "up to sector " + storedSectors;
    }
}
