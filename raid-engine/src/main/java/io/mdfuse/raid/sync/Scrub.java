package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every stripe while the array is in use and compares its blocks: md's check and repair.
 *
 * <pre>
 *   IDLE ──start()──▶ RUNNING ──all stripes passed──▶ IDLE      (the next starts at the first stripe)
 *                       │ stop(), or a member is lost
 *                       └──────────▶ IDLE                       (the same action goes on where this one stopped)
 * </pre>
 *
 * A range is compared under its lease. What is to be repaired is looked at a second time: the write path has to admit
 * it before stripes are taken, so the first lease is given back, and somebody may have written meanwhile. A range that
 * can't be read as a whole is taken stripe by stripe.
 */
public final class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final ScrubCondition condition;
    private final MismatchText text;
    private final StripeReader stripeReader;
    private final @Nullable WritePath writePath;
    private final SyncPace pace;
    private final int mostStripesMended;
    private final Executor executor;
    private final ScrubFindings findings;
    private final ArrayEvents events;

    private @Nullable ScrubAction running;
    private @Nullable ScrubAction unfinished;
    private String lastAction = "none";
    private String lastResult = "none";
    private long nextFrom;
    private volatile int missing;
    private volatile long position;
    private volatile boolean stopRequested;

    /**
     * Nothing is read before {@link #start}.
     *
     * @param writePath takes what is repaired; null for an array that is open read-only, which is compared as it is
     * @param mostStripesMended how many stripes the write path takes at once
     * @param executor runs the pass, and its reads side by side
     */
    public Scrub(
            ArrayGeometry geometry,
            MemberSet members,
            StripeLocks locks,
            SyncPosition syncPosition,
            StripeReader stripeReader,
            @Nullable WritePath writePath,
            SyncPace pace,
            int mostStripesMended,
            Executor executor,
            ArrayEvents events) {
        this.geometry = geometry;
        this.members = members;
        this.locks = locks;
        this.condition = new ScrubCondition(geometry, members, syncPosition, writePath == null);
        this.text = new MismatchText(geometry, members);
        this.stripeReader = stripeReader;
        this.writePath = writePath;
        this.pace = pace;
        this.mostStripesMended = mostStripesMended;
        this.executor = executor;
        this.events = events;
        this.findings = new ScrubFindings(geometry.chunkSectors());
    }

    /**
     * Starts a pass in the background; the same action that was stopped before goes on where it stopped.
     *
     * @throws ArrayRefusedException if there is nothing to compare, or a pass is under way
     */
    public void start(ScrubAction action) throws IOException {
        synchronized (this) {
            if (running != null) {
                throw refused("a " + running.mdName() + " is under way");
            }
            if (writePath == null && action.repairs()) {
                throw refused(
                        "the array is mounted read-only: a check finds what does not fit, and nothing is repaired");
            }
            missing = condition.requireComparable();
            if (action != unfinished) {
                nextFrom = unfinished == null ? nextFrom : 0;
                findings.clear(action.repairs());
            }
            running = action;
            unfinished = action;
            position = nextFrom;
            stopRequested = false;
        }
        executor.execute(() -> run(action));
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    private void run(ScrubAction action) {
        String result = "failed: internal error";
        PassEvents passEvents = new PassEvents(events, "the " + action.mdName(), "", geometry.memberSectors());
        passEvents.started(position);
        try (StripeImage image = new StripeImage(geometry, members, stripeReader, executor);
                StripeCheck check = new StripeCheck(geometry)) {
            result = pass(action, image, check, passEvents) ? "done" : "stopped at sector " + position;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result = "stopped at sector " + position;
        } catch (IOException e) {
            result = "failed at sector " + position + ": " + e.getMessage();
        } catch (RuntimeException e) {
            result = "failed at sector " + position + ": " + e.getMessage();
            LOG.error("{} {}", action.mdName(), result, e);
        } finally {
            tellOfEnd(passEvents, result);
            ended(action, result);
        }
    }

    private void tellOfEnd(PassEvents passEvents, String result) {
        if (result.equals("done")) {
            String mismatches = findings.mismatchSectors() == 0
                    ? ""
                    : "mismatches found: " + findings.mismatchSectors() + " sectors" + findings.repairText();
            String unreadable =
                    findings.unreadableSectors() == 0 ? "" : findings.unreadableSectors() + " sectors can't be read";
            passEvents.finished(mismatches + (mismatches.isEmpty() || unreadable.isEmpty() ? "" : ", ") + unreadable);
        } else if (result.startsWith("stopped")) {
            passEvents.stopped(position);
        } else {
            passEvents.failed(position, result);
        }
    }

    private synchronized void ended(ScrubAction action, String result) {
        boolean done = result.equals("done");
        lastAction = action.mdName();
        lastResult = result;
        nextFrom = done ? 0 : position;
        unfinished = done ? null : action;
        running = null;
        notifyAll();
    }

    private boolean pass(ScrubAction action, StripeImage image, StripeCheck check, PassEvents passEvents)
            throws IOException, InterruptedException {
        WritePath path = writePath;
        StripeMender mender = path == null ? null : new StripeMender(geometry, path);
        MemberReadAhead readAhead = new MemberReadAhead(members, slot -> true, true);
        while (position < geometry.memberSectors()) {
            if (stopRequested) {
                members.flush();
                return false;
            }
            condition.requireAsItWas(missing);
            long from = position;
            long end = Math.min(image.rangeEnd(from), geometry.memberSectors());
            readAhead.passing(from, geometry.memberSectors());
            for (Mismatch found : compare(image, check, from, end)) {
                if (path != null && mender != null && StripeMender.canMend(found.verdict(), action)) {
                    mend(image, check, path, mender, found, action);
                } else {
                    note(found);
                }
            }
            position = end;
            passEvents.passed(end);
            pace.passed(Sectors.toBytes(end - from), () -> stopRequested);
        }
        members.flush();
        return true;
    }

    private List<Mismatch> compare(StripeImage image, StripeCheck check, long from, long end) throws IOException {
        StripeRange range = new StripeRange(from, end);
        try (StripeLocks.Lease lease = locks.lock(range)) {
            return compareHeld(lease, image, check, range);
        }
    }

    private List<Mismatch> compareHeld(StripeLocks.Lease lease, StripeImage image, StripeCheck check, StripeRange range)
            throws IOException {
        long from = range.fromSector();
        try {
            image.read(lease, range);
            List<Mismatch> found = check.of(image);
            if (found.isEmpty() || !image.isSolved() || range.stripeCount() == 1) {
                return found;
            }
            // Some block of the range was solved; stripe by stripe shows which of them that concerns.
        } catch (IOException e) {
            condition.requireAsItWas(missing);
            if (range.stripeCount() == 1) {
                LOG.error("the stripe at sector {} can't be compared: {}", from, e.getMessage());
                return List.of(new Mismatch(from, range.endSector(), StripeVerdict.UNREADABLE, false));
            }
        }
        List<Mismatch> found = new ArrayList<>();
        for (StripeRange stripe : range.split(1)) {
            found.addAll(compareHeld(lease, image, check, stripe));
        }
        return found;
    }

    private void mend(
            StripeImage image,
            StripeCheck check,
            WritePath path,
            StripeMender mender,
            Mismatch found,
            ScrubAction action)
            throws IOException {
        long step = (long) mostStripesMended * Sectors.PER_BLOCK;
        for (long at = found.stripeSector(); at < found.endStripeSector(); at += step) {
            long end = Math.min(found.endStripeSector(), at + step);
            int stripes = (int) ((end - at) / Sectors.PER_BLOCK);
            try (RunCommit.Admission _ = path.admit(List.of(oneBlockEach(at, stripes)));
                    StripeLocks.Lease lease = locks.lock(new StripeRange(at, end))) {
                image.read(lease, lease.range());
                condition.requireAsItWas(missing);
                List<Mismatch> still = check.of(image);
                for (Mismatch part : still) {
                    boolean mends = StripeMender.canMend(part.verdict(), action);
                    if (mends) {
                        mender.mend(lease, image, part, check);
                        condition.requireAsItWas(missing);
                    }
                    note(mends ? part.asRepaired() : part);
                }
                if (still.isEmpty()) {
                    // Somebody wrote whole stripes meanwhile, and so made them fit.
                    note(new Mismatch(at, end, found.verdict(), true));
                }
            }
        }
    }

    /** What a repair takes of the log at most, for the admission: of each stripe one block, and its parity. */
    private RunWrite oneBlockEach(long stripeSector, int stripes) {
        List<@Nullable MemorySegment> blocks = new ArrayList<>(Collections.nCopies(geometry.dataDisks(), null));
        blocks.set(0, MemorySegment.NULL);
        return new RunWrite(geometry, stripeSector, stripes, blocks);
    }

    private void note(Mismatch found) {
        LOG.warn("{}", text.of(found));
        findings.add(found);
    }

    /** Ends a pass where it stands; returns once it touches no stripe any more. Nothing happens where none runs. */
    public synchronized void stop() throws InterruptedException {
        while (running != null) {
            stopRequested = true;
            wait();
        }
    }

    /** Has the next pass start there, its count at 0: md's sync_min. */
    public synchronized void startNextFrom(long stripeSector) throws IOException {
        if (running != null) {
            throw refused("a " + running.mdName() + " is under way");
        }
        if (stripeSector < 0 || stripeSector >= geometry.memberSectors()) {
            throw new IllegalArgumentException("the members have no sector " + stripeSector);
        }
        nextFrom = Sectors.roundDown(stripeSector, Sectors.PER_BLOCK);
        unfinished = null;
    }

    /** Where the next pass starts. */
    public synchronized long nextFrom() {
        return nextFrom;
    }

    /** What runs; null where nothing does. */
    public synchronized @Nullable ScrubAction running() {
        return running;
    }

    /** The word for what ran last, or {@code none}. */
    public synchronized String lastAction() {
        return lastAction;
    }

    /** How the last pass ended: {@code done}, or why it did not come to its end; {@code none} where there was none. */
    public synchronized String lastResult() {
        return lastResult;
    }

    /** As md's sync_completed: {@code passed / all} in sectors of a member, or {@code none}. */
    public String progress() {
        return running() == null ? "none" : position + " / " + geometry.memberSectors();
    }

    /** What the last pass found, or has found so far. */
    public ScrubFindings findings() {
        return findings;
    }
}
