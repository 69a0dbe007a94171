package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass of a {@link Scrub}: reads every stripe and compares its blocks.
 *
 * <p>A range is compared under its lease. Stripes to be repaired are read a second time: the write path has to admit a
 * write before its lease is taken, so the first lease is released, and a request may have written meanwhile. A range
 * that can't be read is taken stripe by stripe.
 *
 * <p>Chunks that a lockless bitmap calls never written, or not synced yet, are passed over: in such a stripe no block
 * lies, and a repair would change good ones.
 */
final class ScrubPass extends BackgroundPass {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubPass.class);

    /** How often a pass that waits at its limit looks whether it may go on, must stop, or has lost a member. */
    private static final long LIMIT_CHECK_MILLIS = 100;

    /**
     * At what a pass begins.
     *
     * @param firstSector the first stripe
     * @param missingMembers how many members are missing; a pass ends if that changes
     * @param limitSector where the pass waits until the limit is raised or the pass is stopped: md's sync_max
     */
    record Start(long firstSector, int missingMembers, LongSupplier limitSector) {}

    private final ScrubParts parts;
    private final ScrubAction action;
    private final int missing;
    private final ScrubCondition condition;
    private final ScrubFindings findings;
    private final BiConsumer<ScrubPass, PassOutcome> whenEnded;
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final SyncPosition syncPosition;
    private final MismatchText text;
    private final @Nullable WritePath writePath;
    private final LongSupplier limitSector;
    private volatile long position;
    private boolean refused;

    /** @param whenEnded receives this pass and its outcome before the pass counts as ended */
    ScrubPass(
            ScrubParts parts,
            ScrubAction action,
            Start start,
            ScrubCondition condition,
            ScrubFindings findings,
            BiConsumer<ScrubPass, PassOutcome> whenEnded) {
        super(
                parts.pass(),
                action.mdName(),
                new PassEvents(
                        parts.pass().events(),
                        "the " + action.mdName(),
                        "",
                        parts.pass().geometry().memberSectors()));
        this.parts = parts;
        this.action = action;
        this.position = start.firstSector();
        this.missing = start.missingMembers();
        this.limitSector = start.limitSector();
        this.condition = condition;
        this.findings = findings;
        this.whenEnded = whenEnded;
        this.geometry = parts.pass().geometry();
        this.members = parts.pass().members();
        this.locks = parts.pass().locks();
        this.syncPosition = parts.syncPosition();
        this.text = new MismatchText(geometry, members);
        this.writePath = parts.writePath();
    }

    ScrubAction action() {
        return action;
    }

    @Override
    long positionSector() {
        return position;
    }

    @Override
    PassOutcome pass() throws IOException, InterruptedException {
        try (StripeImage image = new StripeImage(geometry, members, parts.stripeReader(), parts.executor());
                StripeCheck check = new StripeCheck(geometry)) {
            return pass(image, check);
        }
    }

    private PassOutcome pass(StripeImage image, StripeCheck check) throws IOException, InterruptedException {
        WritePath path = writePath;
        StripeMender mender = path == null ? null : new StripeMender(geometry, path, action);
        refuseDoubtfulRepair(image, check);
        MemberReadAhead readAhead = new MemberReadAhead(members, slot -> true, true);
        while (position < geometry.memberSectors()) {
            if (mustStop()) {
                members.flush();
                return PassOutcome.stopped(position);
            }
            condition.requireUnchanged(missing);
            long limit = limitSector.getAsLong();
            if (position >= limit) {
                // No lease is held here.
                Thread.sleep(LIMIT_CHECK_MILLIS);
                continue;
            }
            long from = Math.min(syncPosition.firstComparable(position), geometry.memberSectors());
            if (from > position) {
                position = from;
                continue;
            }
            long passableEnd = Math.min(limit, geometry.memberSectors());
            long comparableEnd = Math.min(syncPosition.endOfComparable(from), passableEnd);
            long end = Math.min(image.rangeEnd(from), comparableEnd);
            readAhead.passing(from, comparableEnd);
            for (Mismatch found : compare(image, check, from, end)) {
                if (path != null && mender != null && mender.canMend(found.verdict())) {
                    mend(image, check, path, mender, found);
                } else {
                    note(found);
                }
            }
            position = end;
            reportProgress(end);
            keepPace(end - from);
        }
        members.flush();
        if (syncPosition.lacksParity()) {
            LOG.info("chunks that were written lately have no parity yet: they were not compared");
        }
        return PassOutcome.done(position, remark());
    }

    /**
     * @throws IOException if the repair would rewrite one member nearly everywhere; nothing was written
     */
    private void refuseDoubtfulRepair(StripeImage image, StripeCheck check) throws IOException, InterruptedException {
        if (action != ScrubAction.REPAIR || geometry.layout().parityCount() < 2) {
            return;
        }
        List<RepairSurvey.Suspect> suspects = new RepairSurvey(members.size(), geometry.memberSectors())
                .suspects((from, end) -> {
                    boolean comparable = !mustStop()
                            && syncPosition.firstComparable(from) == from
                            && syncPosition.endOfComparable(from) >= end;
                    return comparable ? compare(image, check, from, end) : List.of();
                });
        if (!suspects.isEmpty()) {
            refused = true;
            throw new IOException(text.of(suspects.getFirst()));
        }
    }

    /** What the event at the end says of the findings; empty if everything fits. */
    private String remark() {
        String mismatches = findings.mismatchSectors() == 0
                ? ""
                : "mismatches found: " + findings.mismatchSectors() + " sectors" + findings.repairText();
        String unreadable =
                findings.unreadableSectors() == 0 ? "" : findings.unreadableSectors() + " sectors can't be read";
        return mismatches + (mismatches.isEmpty() || unreadable.isEmpty() ? "" : ", ") + unreadable;
    }

    @Override
    PassOutcome conclude(PassOutcome found) {
        return found.state() == PassState.FAILED && !refused
                ? PassOutcome.failed(found.sector(), "failed at sector " + found.sector() + ": " + found.text())
                : found;
    }

    @Override
    void recordEnd(PassOutcome end) {
        whenEnded.accept(this, end);
    }

    private List<Mismatch> compare(StripeImage image, StripeCheck check, long from, long end) throws IOException {
        StripeRange range = new StripeRange(from, end);
        try (StripeLocks.Lease lease = locks.lock(range)) {
            return isComparable(range) ? compare(lease, image, check, range) : List.of();
        }
    }

    /** False if the stripes were trimmed just now, or their first write is in progress. Asked under their lease. */
    private boolean isComparable(StripeRange range) {
        return syncPosition.endOfComparable(range.fromSector()) >= range.endSector();
    }

    private List<Mismatch> compare(StripeLocks.Lease lease, StripeImage image, StripeCheck check, StripeRange range)
            throws IOException {
        long from = range.fromSector();
        try {
            image.read(lease, range);
            List<Mismatch> found = check.of(image);
            if (found.isEmpty() || !image.isSolved() || range.stripeCount() == 1) {
                return found;
            }
            // A block of the range was solved. Compared one by one, only those stripes count as solved that are.
        } catch (IOException e) {
            condition.requireUnchanged(missing);
            if (range.stripeCount() == 1) {
                LOG.error("the stripe at sector {} can't be compared: {}", from, e.getMessage());
                return List.of(new Mismatch(from, range.endSector(), StripeVerdict.UNREADABLE, false));
            }
        }
        List<Mismatch> found = new ArrayList<>();
        for (StripeRange stripe : range.split(1)) {
            found.addAll(compare(lease, image, check, stripe));
        }
        return found;
    }

    private void mend(StripeImage image, StripeCheck check, WritePath path, StripeMender mender, Mismatch found)
            throws IOException {
        long step = (long) parts.mostStripesMended() * Sectors.PER_BLOCK;
        for (long at = found.stripeSector(); at < found.endStripeSector(); at += step) {
            long end = Math.min(found.endStripeSector(), at + step);
            int stripes = (int) ((end - at) / Sectors.PER_BLOCK);
            try (RunCommit.Admission _ = path.admit(List.of(oneBlockEach(at, stripes)));
                    StripeLocks.Lease lease = locks.lock(new StripeRange(at, end))) {
                if (!isComparable(lease.range())) {
                    continue;
                }
                image.read(lease, lease.range());
                condition.requireUnchanged(missing);
                List<Mismatch> still = check.of(image);
                for (Mismatch part : still) {
                    boolean mends = mender.canMend(part.verdict());
                    if (mends) {
                        mender.mend(lease, image, part, check);
                        condition.requireUnchanged(missing);
                    }
                    note(mends ? part.asRepaired() : part);
                }
                if (still.isEmpty()) {
                    // Requests wrote the stripes meanwhile, and so made them fit.
                    note(new Mismatch(at, end, found.verdict(), true));
                }
            }
        }
    }

    /** The most log space that a repair needs, for the admission: one block of each stripe, and its parity. */
    private RunWrite oneBlockEach(long stripeSector, int stripes) {
        List<@Nullable MemorySegment> blocks = new ArrayList<>(Collections.nCopies(geometry.dataDisks(), null));
        blocks.set(0, MemorySegment.NULL);
        return new RunWrite(geometry, stripeSector, stripes, blocks);
    }

    private void note(Mismatch found) {
        LOG.warn("{}", text.of(found));
        findings.add(found);
    }
}
