package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import org.jspecify.annotations.Nullable;

/**
 * How far parity is known to be right: md's recovery_cp. Stripes below it may be updated by a difference and
 * solved for a lost block; from it on parity may be anything until the resync has passed, but where a write-intent
 * bitmap is current only the {@link DirtyRegions} are in doubt, and the resync passes over all others.
 *
 * <p>A write to a stripe in doubt makes its parity from all its data. From then on that stripe is trusted too, so that
 * what was written is not lost with a member that dies before the resync is there.
 */
public final class SyncPosition {
    /** Parity is right everywhere. */
    public static final long IN_SYNC = -1;

    private final @Nullable DirtyRegions dirtyRegions;
    private final RewrittenStripes rewritten = new RewrittenStripes();
    private volatile long stripeSector;

    /**
     * Starts somewhere, with all behind it in doubt.
     *
     * @param stripeSector the first stripe whose parity is not known to be right, or {@link #IN_SYNC}
     */
    public SyncPosition(long stripeSector) {
        this(stripeSector, null);
    }

    /**
     * Starts somewhere.
     *
     * @param stripeSector the first stripe whose parity is not known to be right, or {@link #IN_SYNC}
     * @param dirtyRegions what is in doubt from there on; null for everything
     */
    public SyncPosition(long stripeSector, @Nullable DirtyRegions dirtyRegions) {
        this.stripeSector = stripeSector;
        this.dirtyRegions = dirtyRegions;
    }

    /** True where the parity of all these stripes is right. The caller holds them. */
    public boolean trustsParity(long fromStripeSector, long endStripeSector) {
        return hasPassed(fromStripeSector, endStripeSector)
                || rewritten.hasAll(Math.max(fromStripeSector, stripeSector), endStripeSector);
    }

    /** Parity of all these stripes was made from all their data, and is on the members. The caller holds them. */
    void noteMade(long fromStripeSector, long endStripeSector) {
        if (!hasPassed(fromStripeSector, endStripeSector)) {
            rewritten.add(fromStripeSector, endStripeSector);
        }
    }

    /** True where the resync has nothing left to do on any of these stripes. */
    public boolean hasPassed(long fromStripeSector, long endStripeSector) {
        long position = stripeSector;
        if (position == IN_SYNC || endStripeSector <= position) {
            return true;
        }
        return dirtyRegions != null && !dirtyRegions.touches(Math.max(fromStripeSector, position), endStripeSector);
    }

    /** The first stripe from the position on that the resync has to look at; it may lie behind the last one. */
    public long nextInDoubt() {
        long position = stripeSector;
        return dirtyRegions == null
                ? position
                : Sectors.roundDown(dirtyRegions.firstDirty(position), Sectors.PER_BLOCK);
    }

    /** How far the doubt that begins at a stripe reaches. */
    public long endOfDoubt(long fromStripeSector) {
        return dirtyRegions == null
                ? Long.MAX_VALUE
                : Sectors.roundUp(dirtyRegions.endOfDirty(fromStripeSector), Sectors.PER_BLOCK);
    }

    /** The first stripe whose parity is not known to be right, or {@link #IN_SYNC}; as the superblock stores it. */
    public long stripeSector() {
        return stripeSector;
    }

    /** True where parity is right everywhere. */
    public boolean inSync() {
        return stripeSector == IN_SYNC;
    }

    /** Only the resync moves it, while it holds the stripes that it moves over. */
    public void moveTo(long newStripeSector) {
        stripeSector = newStripeSector;
        rewritten.dropBelow(newStripeSector == IN_SYNC ? Long.MAX_VALUE : newStripeSector);
    }
}
