package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * How far parity is known to be right: md's recovery_cp. Stripes below it may be updated by a difference and
 * solved for a lost block; from it on parity may be anything until the resync has passed, but where a write-intent
 * bitmap is current only the {@link DirtyRegions} are in doubt, and the resync passes over all others.
 *
 * <p>A write to a stripe in doubt makes its parity from all its data. From then on that stripe is trusted too, so that
 * what was written is not lost with a member that dies before the resync is there. A stripe that the resync can't read
 * is left in doubt, and the position moves on behind it.
 */
public final class SyncPosition {
    /** Parity is right everywhere. */
    public static final long IN_SYNC = -1;

    private final @Nullable DirtyRegions dirtyRegions;
    private final RewrittenStripes rewritten = new RewrittenStripes();
    /** First sectors of stripes below the position that the resync could not read. */
    private final ConcurrentSkipListSet<Long> left = new ConcurrentSkipListSet<>();

    private volatile long position;

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
        this.position = stripeSector;
        this.dirtyRegions = dirtyRegions;
    }

    /** True if the parity of all these stripes is right; that can change unless the caller has a lease on them. */
    public boolean trustsParity(StripeRange stripes) {
        return hasPassed(stripes)
                || (!leftAny(stripes)
                        && rewritten.hasAll(Math.max(stripes.fromSector(), position), stripes.endSector()));
    }

    /** Parity of all these stripes was made from all their data, and is on the members. */
    void noteMade(StripeRange stripes) {
        if (leftAny(stripes)) {
            left.subSet(stripes.fromSector(), stripes.endSector()).clear();
        }
        if (!hasPassed(stripes)) {
            rewritten.add(stripes);
        }
    }

    /** True where the resync has nothing left to do on any of these stripes. */
    public boolean hasPassed(StripeRange stripes) {
        long reached = position;
        if (reached == IN_SYNC) {
            return true;
        }
        if (leftAny(stripes)) {
            return false;
        }
        return stripes.endSector() <= reached
                || (dirtyRegions != null
                        && !dirtyRegions.touches(Math.max(stripes.fromSector(), reached), stripes.endSector()));
    }

    private boolean leftAny(StripeRange stripes) {
        return !left.isEmpty()
                && !left.subSet(stripes.fromSector(), stripes.endSector()).isEmpty();
    }

    /** The first stripe from the position on that the resync has to look at; it may lie behind the last one. */
    public long nextInDoubt() {
        long reached = position;
        return Sectors.roundDown(dirtyRegions == null ? reached : dirtyRegions.firstDirty(reached), Sectors.PER_BLOCK);
    }

    /** How far the doubt that begins at a stripe reaches. */
    public long endOfDoubt(long fromStripeSector) {
        return dirtyRegions == null
                ? Long.MAX_VALUE
                : Sectors.roundUp(dirtyRegions.endOfDirty(fromStripeSector), Sectors.PER_BLOCK);
    }

    /** The first stripe whose parity is not known to be right, or {@link #IN_SYNC}; as the superblock stores it. */
    public long stripeSector() {
        // In this order: a stripe that is left in between lies behind the position that was read.
        long reached = position;
        Long first = left.ceiling(0L);
        return first == null || reached == IN_SYNC ? reached : Math.min(first, reached);
    }

    /** How far the resync has come, stripes that it left included; or {@link #IN_SYNC}. */
    public long reached() {
        return position;
    }

    /** True where parity is right everywhere. */
    public boolean inSync() {
        return position == IN_SYNC;
    }

    /**
     * The resync can't read this stripe, and passes it over; its parity stays in doubt until somebody makes it anew.
     * Called before the position is moved over it, and while it is held.
     */
    public void leave(long leftStripeSector) {
        left.add(leftStripeSector);
    }

    /** True where stripes were left, and nobody has made their parity since. */
    public boolean hasLeft() {
        return !left.isEmpty();
    }

    /**
     * Only the resync moves it, while it holds the stripes that it moves over; to {@link #IN_SYNC} only where none is
     * left in doubt.
     */
    public void moveTo(long newStripeSector) {
        position = newStripeSector;
        rewritten.dropBelow(newStripeSector == IN_SYNC ? Long.MAX_VALUE : newStripeSector);
    }
}
