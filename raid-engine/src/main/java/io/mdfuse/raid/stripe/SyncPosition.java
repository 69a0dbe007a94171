package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.ChunkStates;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The progress of the resync: parity is known to be correct below this position (md's recovery_cp). Stripes below it
 * may be updated by differences, and lost blocks of them solved. From it on parity is in doubt until the resync has
 * passed; with a current write-intent bitmap only the {@link DirtyRegions} are in doubt, and the resync skips all
 * others.
 *
 * <p>A write to a stripe in doubt makes its parity from all its data. From then on the parity of that stripe is trusted
 * too, so that the written data survives the loss of a member before the resync arrives. A stripe that the resync can't
 * read is skipped: it stays in doubt behind the position.
 *
 * <p>Of an array with a lockless bitmap there are also chunks whose parity was {@link ParityTrust#NEVER_MADE}, whatever
 * the position is.
 *
 * <p>Thread-safe. An answer about stripes stays true only while the caller has a lease on them.
 */
public final class SyncPosition {
    private final @Nullable DirtyRegions dirtyRegions;
    private final @Nullable ChunkStates chunkStates;
    private final RewrittenStripes rewritten = new RewrittenStripes();
    /** First sectors of stripes below the position that the resync could not read. */
    private final ConcurrentSkipListSet<Long> skipped = new ConcurrentSkipListSet<>();

    private final AtomicLong askedFrom = new AtomicLong(Long.MAX_VALUE);
    private volatile ResyncOffset position;

    /**
     * Starts at a stripe, with all stripes from there on in doubt.
     *
     * @param reached up to which stripe parity is known to be correct
     */
    public SyncPosition(ResyncOffset reached) {
        this(reached, null);
    }

    /**
     * Starts at a stripe.
     *
     * @param reached up to which stripe parity is known to be correct
     * @param dirtyRegions the regions in doubt from there on; null for everything
     */
    public SyncPosition(ResyncOffset reached, @Nullable DirtyRegions dirtyRegions) {
        this(reached, dirtyRegions, null);
    }

    /**
     * Starts at a stripe.
     *
     * @param reached up to which stripe no crash has put parity in doubt
     * @param dirtyRegions the regions in doubt from there on; null for everything
     * @param chunkStates which chunks have parity at all; null if all have
     */
    public SyncPosition(ResyncOffset reached, @Nullable DirtyRegions dirtyRegions, @Nullable ChunkStates chunkStates) {
        this.position = reached;
        this.dirtyRegions = dirtyRegions;
        this.chunkStates = chunkStates;
    }

    /** What is known of the parity of these stripes. */
    ParityTrust trust(StripeRange stripes) {
        if (!trustsParity(stripes)) {
            return ParityTrust.IN_DOUBT;
        }
        return isNeverMade(stripes) ? ParityTrust.NEVER_MADE : ParityTrust.CORRECT;
    }

    /** True if some of these stripes may have data and parity that do not match, because neither was ever written. */
    boolean isNeverMade(StripeRange stripes) {
        return chunkStates != null
                && !chunkStates.all(stripes.fromSector(), stripes.endSector(), ChunkState::hasParity);
    }

    /** True if none of these stripes was ever written, as a lockless bitmap says. */
    boolean isNeverWritten(StripeRange stripes) {
        return chunkStates != null
                && chunkStates.all(stripes.fromSector(), stripes.endSector(), state -> !state.isWritten());
    }

    /** The first stripe from this one on whose data and parity may be compared; it may lie behind the last one. */
    public long firstComparable(long fromStripeSector) {
        return chunkStates == null ? fromStripeSector : chunkStates.firstSector(fromStripeSector, ChunkState::isSynced);
    }

    /** True if chunks were written whose parity is not made yet, so that they can't be compared. */
    public boolean lacksParity() {
        return chunkStates != null
                && chunkStates.firstSector(0, state -> state.isMarked() && !state.hasParity()) != Long.MAX_VALUE;
    }

    /** The end of the stripes from a comparable one on that may be compared; it may lie behind the last one. */
    public long endOfComparable(long fromStripeSector) {
        return chunkStates == null
                ? Long.MAX_VALUE
                : chunkStates.firstSector(fromStripeSector, state -> !state.isSynced());
    }

    /**
     * True if no crash has put the parity of any of these stripes in doubt: what is lost of them may be solved. With a
     * lockless bitmap it may nevertheless be {@link ParityTrust#NEVER_MADE}.
     */
    public boolean trustsParity(StripeRange stripes) {
        if (hasPassed(stripes)) {
            return true;
        }
        ResyncOffset reached = position;
        return reached.isInSync()
                || (!skippedAny(stripes)
                        && rewritten.hasAll(
                                Math.max(stripes.fromSector(), reached.stripeSector()), stripes.endSector()));
    }

    /** Parity of all these stripes was made from all their data, and is on the members. */
    void noteParityMade(StripeRange stripes) {
        if (skippedAny(stripes)) {
            skipped.subSet(stripes.fromSector(), stripes.endSector()).clear();
        }
        if (!hasPassed(stripes)) {
            rewritten.add(stripes);
        }
    }

    /** True if the resync has nothing to do on any of these stripes any more. */
    public boolean hasPassed(StripeRange stripes) {
        ResyncOffset reached = position;
        if (reached.isInSync()) {
            return true;
        }
        if (skippedAny(stripes)) {
            return false;
        }
        return reached.hasPassed(stripes.endSector())
                || (dirtyRegions != null
                        && !dirtyRegions.touches(
                                Math.max(stripes.fromSector(), reached.stripeSector()), stripes.endSector()));
    }

    private boolean skippedAny(StripeRange stripes) {
        return !skipped.isEmpty()
                && !skipped.subSet(stripes.fromSector(), stripes.endSector()).isEmpty();
    }

    /** The first stripe from the position on that the resync has to check; it may lie behind the last one. */
    public long nextInDoubt() {
        ResyncOffset offset = position;
        if (offset.isInSync()) {
            return Long.MAX_VALUE;
        }
        long reached = offset.stripeSector();
        return Sectors.roundDown(dirtyRegions == null ? reached : dirtyRegions.firstDirty(reached), Sectors.PER_BLOCK);
    }

    /** The end of the doubtful stripes that begin at {@code fromStripeSector}. */
    public long endOfDoubt(long fromStripeSector) {
        return dirtyRegions == null
                ? Long.MAX_VALUE
                : Sectors.roundUp(dirtyRegions.endOfDirty(fromStripeSector), Sectors.PER_BLOCK);
    }

    /**
     * The offset for the superblocks: parity is correct below the position, below the first skipped stripe, and below
     * what the next mount is to resync.
     */
    public ResyncOffset storedOffset() {
        ResyncOffset known = knownOffset();
        long asked = askedFrom.get();
        return asked == Long.MAX_VALUE || (!known.isInSync() && known.stripeSector() <= asked)
                ? known
                : ResyncOffset.at(asked);
    }

    /**
     * Has the next mount resync from this member sector on, with a write-intent bitmap only the regions that are dirty
     * then: from now on {@link #storedOffset} says so. Until then parity is trusted as before, as md does.
     */
    public void askForResync(long memberSector) {
        askedFrom.accumulateAndGet(Sectors.roundDown(memberSector, Sectors.PER_BLOCK), Math::min);
    }

    private ResyncOffset knownOffset() {
        // In this order: a stripe that is skipped in between lies behind the position that was read.
        ResyncOffset reached = position;
        Long first = skipped.ceiling(0L);
        return first == null || reached.isInSync() || !reached.hasPassed(first) ? reached : ResyncOffset.at(first);
    }

    /** How far the resync has come, including the stripes that it skipped. */
    public ResyncOffset reached() {
        return position;
    }

    /** True if parity is correct everywhere. */
    public boolean inSync() {
        return position.isInSync();
    }

    /**
     * The resync can't read this stripe, and skips it; its parity stays in doubt until a write makes it anew. Called
     * under a lease on the stripe, before the position moves over it.
     */
    public void skip(long skippedStripeSector) {
        skipped.add(skippedStripeSector);
    }

    /** True if stripes were skipped whose parity no write has made since. */
    public boolean hasSkipped() {
        return !skipped.isEmpty();
    }

    /**
     * Moves the position. Called by the resync only, under a lease on the stripes between the old position and the new
     * one.
     */
    public void moveTo(long newStripeSector) {
        position = ResyncOffset.at(newStripeSector);
        rewritten.dropBelow(newStripeSector);
    }

    /** The resync has passed all stripes, and none is in doubt any more. */
    public void nowInSync() {
        position = ResyncOffset.inSync();
        rewritten.dropBelow(Long.MAX_VALUE);
    }
}
