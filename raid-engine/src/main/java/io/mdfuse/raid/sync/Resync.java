package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes all parity correct that is in doubt by the {@link SyncPosition}, stripe by stripe in ascending order, while the
 * array is in use: md's resync. {@link BackgroundPass} draws its states; in each, the position says:
 *
 * <pre>
 *   DONE       in sync
 *   STOPPED    the first stripe not passed
 *   FAILED     the first stripe not passed (a member is lost, or can't be read in more than a few stripes);
 *              or all are passed but a few, which SyncPosition lists
 * </pre>
 *
 * <p>If the host has no space for the parity of a range, that range is tried again every second, without a lease
 * meanwhile.
 *
 * <p>A stripe whose data can't be read stays in doubt: parity that may be wrong is no source for the unreadable block,
 * and the error may pass. Parity that can't be read is written anew like any other.
 *
 * <p>The position moves under the lease on the stripes that it passes. So a write sees either a stripe that was passed,
 * and keeps its parity correct, or one that was not, and then makes its parity from all its data.
 */
public final class Resync extends BackgroundPass {
    private static final Logger LOG = LoggerFactory.getLogger(Resync.class);

    /** Called once all parity is correct and flushed, to store that in the superblocks. */
    @FunctionalInterface
    public interface Completion {
        void resyncDone() throws IOException;
    }

    /**
     * The most of each member that is repaired under one lease. If all parity is wrong a disk reads so much in one run,
     * and then writes the parity of it.
     */
    private static final int MOST_BATCH_BYTES = 4 << 20;

    /** However small an array is, it has about so many batches. */
    private static final int LEAST_BATCHES = 16;

    /** With more unreadable stripes than this, the device is failing; it has not just bad sectors. */
    static final int MOST_SKIPPED = 256;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final SyncPosition syncPosition;
    private final Completion completion;
    private final Executor executor;
    private volatile String skippedText = "";
    private int stripesSkipped;
    private long repairedRanges;

    /**
     * A resync of everything that is in doubt by {@code syncPosition}, which it moves.
     *
     * @param executor reads and writes the members at the same time
     */
    public Resync(PassParts parts, SyncPosition syncPosition, Completion completion, Executor executor) {
        super(
                parts,
                "resync",
                new PassEvents(
                        parts.events(),
                        "the resync of parity",
                        "",
                        parts.geometry().memberSectors()));
        this.geometry = parts.geometry();
        this.members = parts.members();
        this.locks = parts.locks();
        this.syncPosition = syncPosition;
        this.completion = completion;
        this.executor = executor;
    }

    @Override
    long positionSector() {
        return syncPosition.inSync()
                ? geometry.memberSectors()
                : syncPosition.reached().stripeSector();
    }

    @Override
    PassOutcome pass() throws IOException, InterruptedException {
        try (ParityRepair parityRepair = new ParityRepair(geometry, members, MOST_BATCH_BYTES, executor)) {
            return pass(parityRepair);
        }
    }

    private PassOutcome pass(ParityRepair parityRepair) throws IOException, InterruptedException {
        MemberReadAhead readAhead = new MemberReadAhead(members, slot -> true, false);
        for (long at = syncPosition.nextInDoubt(); at < geometry.memberSectors(); at = syncPosition.nextInDoubt()) {
            if (mustStop()) {
                return PassOutcome.stopped(at);
            }
            long doubtEnd = Math.min(syncPosition.endOfDoubt(at), geometry.memberSectors());
            long end = Math.min(Math.max(endOfBatch(at), parityRepair.rangeEnd(at)), doubtEnd);
            StripeRange batch = StripeRange.covering(at, end);
            try (StripeLocks.Lease lease = locks.lock(batch)) {
                repairBatch(lease, parityRepair, batch, readAhead, doubtEnd);
                hostHasSpace();
            } catch (NoSpaceException e) {
                // The lease is released here.
                awaitHostSpace(e);
                continue;
            }
            reportProgress(end);
            keepPace(end - at);
        }
        members.flush();
        return syncPosition.hasSkipped() ? PassOutcome.incomplete(geometry.memberSectors(), trouble()) : complete();
    }

    private PassOutcome complete() throws IOException {
        syncPosition.nowInSync();
        completion.resyncDone();
        LOG.debug("resync of parity is done; it was wrong in {} places", repairedRanges);
        return PassOutcome.done(geometry.memberSectors(), "");
    }

    private long endOfBatch(long from) {
        long sectors = Math.min(MOST_BATCH_BYTES / Sectors.BYTES, geometry.memberSectors() / LEAST_BATCHES);
        return from + Sectors.roundDown(sectors, Sectors.PER_BLOCK);
    }

    /**
     * Makes the parity of a batch correct, and moves the position over it, under its lease: never over parity that was
     * found wrong and is not written yet. A range that can't be read is taken stripe by stripe.
     */
    private void repairBatch(
            StripeLocks.Lease lease,
            ParityRepair parityRepair,
            StripeRange batch,
            MemberReadAhead readAhead,
            long doubtEnd)
            throws IOException {
        try {
            for (long at = batch.fromSector(); at < batch.endSector(); ) {
                StripeRange range = new StripeRange(at, Math.min(parityRepair.rangeEnd(at), batch.endSector()));
                readAhead.passing(at, doubtEnd);
                try {
                    repairedRanges += parityRepair.repair(lease, range) ? 1 : 0;
                    if (!parityRepair.hasToWrite()) {
                        syncPosition.moveTo(range.endSector());
                    }
                } catch (NoSpaceException e) {
                    throw e;
                } catch (DeviceException e) {
                    parityRepair.write(lease);
                    syncPosition.moveTo(at);
                    repairEachStripe(lease, parityRepair, range);
                    if (mustStop()) {
                        return;
                    }
                }
                at = range.endSector();
            }
            parityRepair.write(lease);
            syncPosition.moveTo(batch.endSector());
        } finally {
            parityRepair.discard();
        }
    }

    private void repairEachStripe(StripeLocks.Lease lease, ParityRepair parityRepair, StripeRange range)
            throws IOException {
        for (StripeRange stripe : range.split(1)) {
            if (mustStop()) {
                return;
            }
            try {
                repairedRanges += parityRepair.repair(lease, stripe) ? 1 : 0;
                parityRepair.write(lease);
                syncPosition.moveTo(stripe.endSector());
            } catch (NoSpaceException e) {
                throw e;
            } catch (DeviceException e) {
                skip(stripe, e);
            }
        }
    }

    private void skip(StripeRange stripe, DeviceException cause) throws IOException {
        long stripeSector = stripe.fromSector();
        long end = stripe.endSector();
        if (syncPosition.trustsParity(stripe)) {
            // The stripe was written since the crash: parity is correct, and the next read of the block heals it.
            syncPosition.moveTo(end);
            return;
        }
        if (++stripesSkipped > MOST_SKIPPED) {
            throw new IOException("more than " + MOST_SKIPPED + " stripes can't be read: " + cause.getMessage(), cause);
        }
        syncPosition.skip(stripeSector);
        syncPosition.moveTo(end);
        String stripeText = "the stripe at sector " + stripeSector + ": " + cause.getMessage();
        LOG.error("parity stays in doubt in {}", stripeText);
        skippedText = "parity is in doubt in "
                + (stripesSkipped == 1
                        ? stripeText
                        : stripesSkipped + " stripes that the resync could not read, the last is " + stripeText);
    }

    /**
     * Ends the resync as DONE if all stripes were passed and the skipped ones have been written since. Called when no
     * request is under way any more.
     */
    public void completeIfNothingIsInDoubt() throws IOException {
        boolean passedAll = !syncPosition.inSync() && syncPosition.nextInDoubt() >= geometry.memberSectors();
        if (!passedAll) {
            return;
        }
        members.flush();
        if (syncPosition.hasSkipped()) {
            report(PassOutcome.incomplete(geometry.memberSectors(), trouble()));
        } else {
            endAs(complete());
        }
    }

    private String skippedText() {
        return skippedText.isEmpty()
                ? "parity is in doubt in stripes that an earlier resync of this mount could not read"
                : skippedText;
    }

    /** True if this resync has ended with stripes that it did not come to: a device failed, or it was stopped. */
    public boolean endedEarly() {
        PassOutcome end = outcome();
        return end != null && !end.passedAll();
    }

    /** Why parity is in doubt that the resync has passed or was to pass; empty if there is nothing to report. */
    public String trouble() {
        if (!whyWaiting().isEmpty()) {
            return whyWaiting();
        }
        PassOutcome end = outcome();
        if (end != null && end.state() == PassState.STOPPED) {
            return "the resync was stopped at sector " + positionSector() + " of " + geometry.memberSectors();
        }
        if (end != null && end.state() == PassState.FAILED && !end.passedAll()) {
            return "the resync stopped at sector " + end.sector() + ": " + end.text();
        }
        return syncPosition.hasSkipped() ? skippedText() : "";
    }
}
