package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ResyncOffset;
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
    private final @Nullable DirtyRegions dirtyRegions;
    private final RewrittenStripes rewritten = new RewrittenStripes();
    /** First sectors of stripes below the position that the resync could not read. */
    private final ConcurrentSkipListSet<Long> left = new ConcurrentSkipListSet<>();

    private volatile ResyncOffset position;

    /**
     * Starts somewhere, with all behind it in doubt.
     *
     * @param reached how far parity is known to be right
     */
    public SyncPosition(ResyncOffset reached) {
        this(reached, null);
    }

    /**
     * Starts somewhere.
     *
     * @param reached how far parity is known to be right
     * @param dirtyRegions what is in doubt from there on; null for everything
     */
    public SyncPosition(ResyncOffset reached, @Nullable DirtyRegions dirtyRegions) {
        this.position = reached;
        this.dirtyRegions = dirtyRegions;
    }

    /** True if the parity of all these stripes is right; that can change unless the caller has a lease on them. */
    public boolean trustsParity(StripeRange stripes) {
        if (hasPassed(stripes)) {
            return true;
        }
        ResyncOffset reached = position;
        return reached.isInSync()
                || (!leftAny(stripes)
                        && rewritten.hasAll(
                                Math.max(stripes.fromSector(), reached.stripeSector()), stripes.endSector()));
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
        ResyncOffset reached = position;
        if (reached.isInSync()) {
            return true;
        }
        if (leftAny(stripes)) {
            return false;
        }
        return reached.hasPassed(stripes.endSector())
                || (dirtyRegions != null
                        && !dirtyRegions.touches(
                                Math.max(stripes.fromSector(), reached.stripeSector()), stripes.endSector()));
    }

    private boolean leftAny(StripeRange stripes) {
        return !left.isEmpty()
                && !left.subSet(stripes.fromSector(), stripes.endSector()).isEmpty();
    }

    /** The first stripe from the position on that the resync has to look at; it may lie behind the last one. */
    public long nextInDoubt() {
        ResyncOffset offset = position;
        if (offset.isInSync()) {
            return Long.MAX_VALUE;
        }
        long reached = offset.stripeSector();
        return Sectors.roundDown(dirtyRegions == null ? reached : dirtyRegions.firstDirty(reached), Sectors.PER_BLOCK);
    }

    /** How far the doubt that begins at a stripe reaches. */
    public long endOfDoubt(long fromStripeSector) {
        return dirtyRegions == null
                ? Long.MAX_VALUE
                : Sectors.roundUp(dirtyRegions.endOfDirty(fromStripeSector), Sectors.PER_BLOCK);
    }

    /** What the superblocks have to say: parity is right below the position, and below each stripe that was left. */
    public ResyncOffset storedOffset() {
        // In this order: a stripe that is left in between lies behind the position that was read.
        ResyncOffset reached = position;
        Long first = left.ceiling(0L);
        return first == null || reached.isInSync() || !reached.hasPassed(first) ? reached : ResyncOffset.at(first);
    }

    /** How far the resync has come, stripes that it left included. */
    public ResyncOffset reached() {
        return position;
    }

    /** True where parity is right everywhere. */
    public boolean inSync() {
        return position.isInSync();
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
     * Only the resync moves it, while it has a lease on the stripes that it moves over.
     */
    public void moveTo(long newStripeSector) {
        position = ResyncOffset.at(newStripeSector);
        rewritten.dropBelow(newStripeSector);
    }

    /** The resync has passed all stripes, and none is left in doubt. */
    public void nowInSync() {
        position = ResyncOffset.inSync();
        rewritten.dropBelow(Long.MAX_VALUE);
    }
}
