package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.JournalFailedException;
import io.mdfuse.journal.JournalStatus;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeParts;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write path of an array with a journal, in either mode; {@link JournalState} draws its states.
 *
 * <pre>
 *   WRITE_BACK, healthy synced stripes   logged ──▶ kept in the {@link StripeCache} ──▶ reply; {@link WriteOut} later
 *   all else                             cached stripes of the request written out, then {@link WriteThrough}
 *   more lost than parity can solve      {@link LogBypass}
 * </pre>
 *
 * {@link WriteOutCycle} writes cached stripes out in the background, by the {@link WriteOutPolicy}.
 *
 * <p>A trim is not logged, because it would log terabytes of zeros. Instead it is admitted exclusively, the cache is
 * written out and the log drained, so that no replay can restore trimmed blocks; and the array is marked dirty until
 * the trim is on the members. It is flushed before the next request is admitted: a record logged later may be replayed
 * together with trimmed blocks.
 */
public final class Journaled implements WritePath, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journaled.class);

    /** How often a cycle runs without any other cause: md's R5C_RECLAIM_WAKEUP_INTERVAL. */
    private static final Duration WRITE_OUT_INTERVAL = Duration.ofSeconds(30);

    private final JournalParts parts;
    private final Journal journal;
    private final MemberSet members;
    private final StripeCache cache;
    private final Reclaimer reclaimer;
    private final CacheAdmission admission;
    private final JournalSpace space;
    private final WriteThrough writeThrough;
    private final WriteOut writeOut;
    private final LogBypass logBypass;
    private final JournalState.Holder state = new JournalState.Holder();
    private final JournalAbandonment abandonment;
    private final WriteOutCycle cycle;
    private final OneAtATime cycles;
    /** A second cycle, while a request waits for space: one makes parity while the other one waits for a device. */
    private final OneAtATime secondCycles;

    /**
     * Begins in write-through mode with an empty cache. Nothing runs before the first request, or {@link #start}.
     *
     * @param maxStripes how many stripes the cache may have
     * @param failureRecord is called when the journal has failed and no data depends on it any more
     * @param background runs reclaims and write-outs that no request waits for
     */
    public Journaled(
            StripeParts stripes,
            Journal journal,
            int maxStripes,
            DirtyMarker dirtyMarker,
            JournalFailureRecord failureRecord,
            Executor background) {
        this.journal = journal;
        this.members = stripes.members();
        this.cache = stripes.cache();
        this.reclaimer = new Reclaimer(journal, members, background);
        MemberWriter memberWriter = new MemberWriter(stripes.geometry(), members);
        this.space = new JournalSpace(members, memberWriter, journal, reclaimer);
        this.admission = new CacheAdmission(new LogNeeds(stripes.geometry()), space, cache, maxStripes);
        this.parts = new JournalParts(stripes, journal, dirtyMarker, memberWriter, reclaimer, space, admission);
        this.writeThrough = new WriteThrough(parts);
        this.writeOut = new WriteOut(parts);
        this.logBypass = new LogBypass(parts, writeThrough, writeOut);
        this.abandonment = new JournalAbandonment(parts, writeOut, state, failureRecord);
        this.cycle = new WriteOutCycle(parts, writeOut, state, abandonment);
        this.cycles = new OneAtATime(cycle, background);
        this.secondCycles = new OneAtATime(cycle, background);
        reclaimer.whenTailMoves(admission::spaceMayHaveChanged);
        admission.whenSpaceIsShort(this::requestBothCycles);
    }

    /** Has the timer start a cycle every 30 s. */
    public void start(ScheduledExecutorService timer) {
        var unused = timer.scheduleWithFixedDelay(
                this::requestCycle, WRITE_OUT_INTERVAL.toSeconds(), WRITE_OUT_INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /** The timer would never call again after an exception, for example one about a thread that can't be made now. */
    private void requestCycle() {
        try {
            cycles.request();
        } catch (RejectedExecutionException e) {
            LOG.debug("no cycle of write-out is started, the array is being closed");
        } catch (RuntimeException | Error e) {
            LOG.error("the cycle of write-out that is due every 30 s was not started: {}", e.toString());
        }
    }

    /** The most blocks that one request may have. */
    public int largestRequestBlocks() {
        return new LogNeeds(parts.geometry())
                .largestRequestBlocks(
                        journal.capacitySectors(), journal.largestAppendSectors(), admission.maxStripes());
    }

    @Override
    public Admission admit(List<RunWrite> runs) throws IOException {
        if (logBypass.isNeededFor(runs)) {
            return logBypass.admit(runs);
        }
        long sectors = admission.admit(runs);
        return () -> {
            admission.release(runs, sectors);
            requestCycleIfWanted();
        };
    }

    @Override
    public void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        space.requireJournal();
        members.requireSound();
        space.reserve(lease, runs, admission.reservedSectors());
        if (runs.stream().anyMatch(RunWrite::isExclusive)) {
            logBypass.commit(lease, runs, parityWork);
            return;
        }
        if (state.get() == JournalState.WRITE_BACK && members.degraded() == 0 && mayBeCached(runs)) {
            cacheRuns(lease, runs);
            return;
        }
        for (RunWrite run : runs) {
            writeOut.writeOutLeased(lease, run.stripes());
        }
        writeThrough.commit(lease, runs, parityWork);
    }

    /**
     * Writes the repaired blocks and then logs them, if none of the stripes is cached: a logged parity would mark
     * cached blocks as covered that it does not cover. If one is cached, the blocks are only written: the repair makes
     * old data and old parity on the members consistent, and a replay makes the parity of a stripe that still has
     * cached blocks from all its data anyhow.
     */
    @Override
    public void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        space.requireJournal();
        space.reserve(lease, List.of(run), admission.reservedSectors());
        if (cache.containsAny(run.stripes())) {
            parts.memberWriter().write(lease, run, slots);
        } else {
            writeThrough.repair(lease, run, slots);
        }
    }

    /**
     * Cached data is acknowledged before its parity is made, so it must be certain that the parity can be made: from
     * correct parity, or with blocks that it can solve.
     */
    private boolean mayBeCached(List<RunWrite> runs) {
        int parityCount = parts.geometry().layout().parityCount();
        for (RunWrite run : runs) {
            if (!parts.stripes().syncPosition().hasPassed(run.stripes())
                    || members.lostSlots(run.stripeSector(), run.endStripeSector()) > parityCount) {
                return false;
            }
        }
        return true;
    }

    private void cacheRuns(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        LogTicket ticket =
                reclaimer.append(runs.stream().map(RunWrite::dataOnly).toList());
        SharedLogTicket shared = new SharedLogTicket(ticket, reclaimer);
        journal.awaitWritten(ticket);
        for (RunWrite run : runs) {
            cache.put(lease, run, shared::retain);
        }
        shared.release();
    }

    /**
     * Makes all acknowledged writes durable in the log, with one flush for all requests that wait. If the journal has
     * failed, they become durable on the members.
     */
    @Override
    public void flush() throws IOException {
        try {
            journal.commitAll();
        } catch (JournalFailedException e) {
            abandonment.run();
            members.flush();
        }
        requestCycleIfWanted();
    }

    /** The most cache slots that may be in use: the bound on the cache's memory. */
    public int stripeCacheSize() {
        return admission.maxStripes();
    }

    /** How many cache slots are in use. */
    public int stripeCacheActive() {
        return cache.slotsInUse();
    }

    /** Where the log stands. It waits for no device. */
    public JournalFigures journalFigures() {
        JournalStatus status = journal.status();
        return new JournalFigures(
                journal.deviceName(),
                Sectors.toBytes(status.capacitySectors()),
                Sectors.toBytes(status.usedSectors()),
                Sectors.toBytes(status.tailSector()),
                Sectors.toBytes(status.checkpointSector()),
                Sectors.toBytes(status.headSector()),
                Sectors.toBytes(status.writtenSectors()),
                status.flushes());
    }

    /** What the cache holds. */
    public CacheFigures cacheFigures() {
        return cache.figures(admission.maxStripes());
    }

    /** The mode that is in force. */
    public JournalMode mode() {
        return state.get().mode();
    }

    /**
     * Switches the mode; returns when the switch is complete. If the journal has been abandoned, no mode applies any
     * more and nothing changes.
     *
     * @throws IOException if write-back is requested for a degraded array, or the cache could not be written out
     */
    public void setMode(JournalMode mode) throws IOException {
        if (mode == JournalMode.WRITE_BACK) {
            if (members.degraded() > 0) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED, "write-back needs all members; this array is degraded");
            }
            state.moveTo(JournalState.WRITE_BACK);
            return;
        }
        state.moveTo(JournalState.WRITE_THROUGH);
        admission.admitExclusively();
        try {
            writeOut.writeOutAll();
        } finally {
            admission.releaseExclusive();
        }
    }

    /**
     * A member has failed: nothing more is cached, and the cache is written out soon. Not at once, since the thread
     * that found the failure may have a lease: with the end of the next request, or the flush, or the next cycle.
     */
    public void memberFailed() {
        if (state.get() == JournalState.WRITE_BACK && members.degraded() > 0) {
            LOG.warn("the array is degraded: write-back ends, and everything cached is written out");
            state.moveTo(JournalState.WRITE_THROUGH);
        }
    }

    /** The journal's superblock could not be written: the device can't be relied on. */
    public void journalFailed(IOException cause) {
        journal.fail(cause);
    }

    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        admission.admitExclusively();
        try {
            writeOut.writeOutAll();
            reclaimer.drain();
            parts.dirtyMarker().begin();
        } catch (IOException | RuntimeException e) {
            admission.releaseExclusive();
            throw e;
        }
        try {
            // The mark can be made without the journal, but a trim must not be.
            space.requireJournal();
        } catch (IOException e) {
            parts.dirtyMarker().end();
            admission.releaseExclusive();
            throw e;
        }
    }

    @Override
    public void endTrim(StripeRange stripes, boolean trimmed) throws IOException {
        try {
            members.flush();
        } finally {
            parts.dirtyMarker().end();
            admission.releaseExclusive();
        }
    }

    /** Empties the cache and the log, but for the log's one empty block: all data is on the members then. */
    public void drain() throws IOException {
        admission.admitExclusively();
        try {
            writeOut.writeOutAll();
            if (journal.hasFailed()) {
                abandonment.run();
            } else {
                reclaimer.drain();
            }
        } finally {
            admission.releaseExclusive();
        }
    }

    private void requestBothCycles() {
        cycles.request();
        secondCycles.request();
    }

    private void requestCycleIfWanted() {
        if (cycle.isWanted()) {
            cycles.request();
        }
    }

    /**
     * Ends the cycles and the reclaims in the background, and frees memory. When this returns, also after a
     * {@link #drain} that failed, they use no device any more.
     */
    @Override
    public void close() {
        cycles.close();
        secondCycles.close();
        reclaimer.close();
        writeOut.close();
    }
}
