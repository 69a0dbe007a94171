package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RegionsToCopy;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a member with the content of its slot, batch by batch in ascending order, while the array is in use: md's
 * recovery. The content is read from the slot's own member if the target is its replacement, and is solved from the
 * other members if the slot has no member or it can't be read. Of a former member that returns, only those regions are
 * rebuilt that it may lack; all others it contains. With a lockless bitmap only chunks that were written are copied;
 * all others are made zeros. {@link BackgroundPass} draws the states; here they mean:
 *
 * <pre>
 *   DONE              the target is in sync, and the superblocks say so
 *   STOPPED           the superblocks say how far the target is rebuilt
 *   FAILED            the target failed and has left the array; a spare may be next
 *   FAILED, isStuck   a block is lost, or something unexpected happened; the superblocks say how far it is rebuilt
 * </pre>
 *
 * A block is lost if neither the slot's member nor the other members can give it. If the target has a bad-block log
 * with space, the block is listed there, and the rebuild continues.
 *
 * <p>A write sees either a stripe that was passed, whose block the target contains, or one that was not, in which the
 * slot counts as lost. In both cases the target is written too, so the position may pass over stripes that were written
 * meanwhile.
 *
 * <p>Blocks that are cached for write-back are in memory only. On the members data and parity still belong together, so
 * the rebuild solves old content; write-out later changes target and parity like any others.
 *
 * <p>{@link SlotCopy} copies a batch under its lease, and writes behind.
 *
 * <p>Each progress record guarantees that everything below it is on the target's medium: the store flushes all devices
 * first.
 */
public final class Rebuild extends BackgroundPass {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    /** The most that is copied of each member under one lease. */
    private static final long MOST_BATCH_SECTORS = (4 << 20) / Sectors.BYTES;

    /** What is passed under one lease without being copied: 16 MiB. */
    private static final long MOST_PASSED_SECTORS = 16L << 11;

    /** Progress is stored at least this often, as in md. */
    private static final long INTERVAL_MILLIS = 5000;

    /** The number of progress records in a whole rebuild, as in md, unless that would take too much of its time. */
    private static final int CHECKPOINTS = 16;

    /**
     * A progress record flushes every member twice and moves its heads. Apart from those that are due by time, none is
     * stored before the copying has taken so many times as long as the last one.
     */
    private static final int COPYING_PER_STORING = 25;

    /** Stores the progress, and completes the rebuild. */
    public interface Progress {
        /** Stores durably that all stripes below this one are on the target. */
        void store(Member target, long stripeSector) throws IOException;

        /** Flushes the target, which contains everything, and makes it a member like any other. */
        void complete(Member target) throws IOException;

        /** Called once the rebuild has ended, in whatever state. */
        void ended(Rebuild rebuild);
    }

    private final PassParts parts;
    private final Executor executor;
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final ArrayEvents events;
    private final StripeReader stripeReader;
    private final Member target;
    private final @Nullable RegionsToCopy lacking;
    private final Progress progress;
    private final InstantSource clock;
    private volatile long position;
    private volatile String whyStuck = "";
    private volatile boolean stuck;
    private long storedSector;
    private long storedMillis;
    private long storingMillis;

    /**
     * Prepares the rebuild of a member.
     *
     * @param lacking what the target has to get from its recovered sector on; null for everything
     * @param clock times the progress records
     * @param executor reads the members at the same time, and writes the target
     */
    public Rebuild(
            PassParts parts,
            StripeReader stripeReader,
            Member target,
            @Nullable RegionsToCopy lacking,
            Progress progress,
            InstantSource clock,
            Executor executor) {
        super(
                parts,
                "rebuild",
                new PassEvents(
                        parts.events(),
                        "the rebuild of slot " + target.slot() + " on " + target.name(),
                        target.name(),
                        parts.geometry().memberSectors()));
        this.parts = parts;
        this.executor = executor;
        this.geometry = parts.geometry();
        this.members = parts.members();
        this.locks = parts.locks();
        this.events = parts.events();
        this.stripeReader = stripeReader;
        this.target = target;
        this.lacking = lacking;
        this.progress = progress;
        this.clock = clock;
        this.position = target.recoveryPosition().heldSectors(geometry.memberSectors());
        this.storedSector = position;
    }

    @Override
    long positionSector() {
        return position;
    }

    @Override
    boolean mustStop() {
        return super.mustStop() || target.isFaulty();
    }

    @Override
    PassOutcome pass() throws IOException, InterruptedException {
        try (SlotCopy copy = new SlotCopy(parts, stripeReader, target, executor)) {
            return pass(copy);
        }
    }

    /** A target that failed explains every other end; of a rebuild that is stuck the progress is kept. */
    @Override
    PassOutcome conclude(PassOutcome found) {
        boolean failed = found.state() == PassState.FAILED;
        whyStuck = failed ? found.text() : "";
        stuck = failed && !target.isFaulty();
        if (target.isFaulty()) {
            return failed ? found : PassOutcome.failed(position, target.name() + " has failed");
        }
        if (failed) {
            storeQuietly();
        }
        return found;
    }

    @Override
    void recordEnd(PassOutcome end) {
        if (end.state() == PassState.DONE) {
            // After RebuildFinished, in mdadm's order.
            events.emit(ArrayEvent.of(
                    "SpareActive",
                    Severity.NOTICE,
                    target.name(),
                    target.name() + " is the member of slot " + target.slot() + " now, in sync"));
        }
    }

    @Override
    void afterEnd() {
        progress.ended(this);
    }

    private PassOutcome pass(SlotCopy copy) throws IOException, InterruptedException {
        storedMillis = clock.millis();
        MemberReadAhead readAhead = new MemberReadAhead(
                members, slot -> slot == target.slot() || members.inSync(target.slot()) == null, false);
        while (position < geometry.memberSectors()) {
            if (mustStop()) {
                storeProgress();
                return PassOutcome.stopped(position);
            }
            long from = position;
            if (firstLacking(from) > from) {
                passOver(from, Math.min(firstLacking(from), from + MOST_PASSED_SECTORS));
            } else {
                long end = Math.min(endOfLacking(from), geometry.memberSectors());
                readAhead.passing(from, end);
                passOrAwaitSpace(copy, from, Math.min(endOfBatch(from), end));
                keepPace(position - from);
            }
            if (isTimeToStore()) {
                storeProgress();
            }
            reportProgress(position);
        }
        if (!target.isFaulty()) {
            progress.complete(target);
        }
        return PassOutcome.done(position, "");
    }

    private long firstLacking(long from) {
        if (lacking == null) {
            return from;
        }
        long first = Sectors.roundDown(lacking.firstToCopy(from), Sectors.PER_BLOCK);
        return Math.clamp(first, from, geometry.memberSectors());
    }

    private long endOfLacking(long from) {
        // If all is to be copied from there on, the end is no number that can be rounded up.
        long end = lacking == null ? Long.MAX_VALUE : lacking.endToCopy(from);
        return end >= geometry.memberSectors() ? geometry.memberSectors() : Sectors.roundUp(end, Sectors.PER_BLOCK);
    }

    /**
     * Passes stripes that are not copied. The lease keeps a request from seeing them both as rebuilt and as lacking. A
     * request may have written one of them before it was granted: from there on they are copied.
     */
    private void passOver(long from, long end) throws IOException, InterruptedException {
        try (StripeLocks.Lease lease = locks.lock(StripeRange.covering(from, end))) {
            long passed = Math.min(end, firstLacking(from));
            if (lacking != null && lacking.othersAreEmpty()) {
                empty(lease, from, passed);
            }
            position = passed;
            target.recoveredTo(passed);
            hostHasSpace();
        } catch (NoSpaceException e) {
            awaitHostSpace(e);
        }
    }

    /** Makes the target read as zeros, as a trim has left the other members; what was never written may be so too. */
    private void empty(StripeLocks.Lease lease, long from, long end) throws IOException {
        if (from >= end) {
            return;
        }
        StripeRange stripes = StripeRange.covering(from, end);
        lease.require(stripes);
        try {
            target.zeroByPass(stripes.memberOffsetBytes(), stripes.bytesPerSlot());
        } catch (NoSpaceException e) {
            throw e;
        } catch (DeviceException e) {
            members.failed(target, e);
        }
    }

    /** If the target's host has no space, the range is tried again after a second, from where it came to. */
    private void passOrAwaitSpace(SlotCopy copy, long from, long end) throws IOException, InterruptedException {
        StripeRange batch = StripeRange.covering(from, end);
        try (StripeLocks.Lease lease = locks.lock(batch)) {
            copy.copy(lease, batch, this::reached);
            hostHasSpace();
        } catch (NoSpaceException e) {
            // The lease is released here.
            awaitHostSpace(e);
        }
    }

    /** Called under the lease of the stripes that were passed. */
    private void reached(long stripeSector) {
        position = stripeSector;
        target.recoveredTo(stripeSector);
    }

    /** In a small array no more than between two progress records, but at least a window within a chunk row. */
    private long endOfBatch(long from) {
        long sectors = Math.min(MOST_BATCH_SECTORS, geometry.memberSectors() / CHECKPOINTS);
        long end = from + Sectors.roundDown(sectors, Sectors.PER_BLOCK);
        return Math.max(end, geometry.endInRow(from, SlotCopy.WINDOW_BYTES));
    }

    private boolean isTimeToStore() {
        long passed = position - storedSector;
        if (passed == 0) {
            return false;
        }
        long copyingMillis = clock.millis() - storedMillis;
        return copyingMillis >= INTERVAL_MILLIS
                || (passed * CHECKPOINTS >= geometry.memberSectors()
                        && copyingMillis >= storingMillis * COPYING_PER_STORING);
    }

    private void storeProgress() throws IOException {
        if (position > storedSector && !target.isFaulty()) {
            long startMillis = clock.millis();
            progress.store(target, position);
            storedSector = position;
            storedMillis = clock.millis();
            storingMillis = storedMillis - startMillis;
        }
    }

    private void storeQuietly() {
        try {
            storeProgress();
        } catch (IOException e) {
            LOG.warn("how far the rebuild came could not be stored: {}", e.getMessage());
        }
    }

    /** The member that is rebuilt. */
    public Member target() {
        return target;
    }

    /** True if the rebuild failed although the target did not, so that it would fail again at the same stripe. */
    public boolean isStuck() {
        return stuck;
    }

    /** Why the rebuild waits or is stuck; empty if neither. */
    public String trouble() {
        return whyWaiting().isEmpty() ? whyStuck : whyWaiting();
    }
}
