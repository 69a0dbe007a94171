package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.JournalFailedException;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes of an array with a journal, in either mode.
 *
 * <pre>
 *                  setMode(WRITE_BACK): healthy arrays only
 *   WRITE_THROUGH ──────────────────────────────────────────▶ WRITE_BACK
 *         ▲                                                      │
 *         └──────────────────────────────────────────────────────┘
 *            setMode(WRITE_THROUGH), or a member failed: everything cached is written out
 *
 *   either ── the journal fails ──▶ ABANDONED: everything cached is on the members, flushed, and they say that the
 *             journal has failed; no more writes, reads go on
 * </pre>
 *
 * In WRITE_BACK whole blocks of healthy, synced stripes are logged, kept in the {@link StripeCache} and answered; all
 * else is written out first and then goes through. {@link WriteOutPolicy} says what is written out in the background.
 *
 * <p>A trim is not logged: zeros for terabytes would be. Instead it waits until it is alone, the cache is written out
 * and the log drained, so that no replay can bring back what is trimmed; and the array is marked dirty until the trim
 * is on the members. It is flushed before anybody else comes in: whatever is logged later may be replayed together with
 * blocks that were trimmed.
 */
public final class Journaled implements WritePath, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journaled.class);

    /** How often the cache is looked at when nothing else causes it: md's R5C_RECLAIM_WAKEUP_INTERVAL. */
    private static final Duration WRITE_OUT_INTERVAL = Duration.ofSeconds(30);

    private final ArrayGeometry geometry;
    private final Journal journal;
    private final MemberSet members;
    private final DirtyMarker dirtyMarker;
    private final SyncPosition syncPosition;
    private final StripeCache cache;
    private final Reclaimer reclaimer;
    private final WriteThrough writeThrough;
    private final MemberWriter memberWriter;
    private final WriteOut writeOut;
    private final BesideLog besideLog;
    private final CacheAdmission admission;
    private final HostRoom hostRoom;
    private final JournalLoss journalLoss;
    private final OneAtATime cycles;
    private final ReentrantLock abandoning = new ReentrantLock();
    private volatile boolean caching;
    private volatile boolean abandoned;

    /**
     * Starts in write-through mode with an empty cache.
     *
     * @param maxStripes how many stripes the cache may hold
     * @param journalLoss is told when the journal has failed and nothing depends on it any more
     * @param background runs reclaims and write-outs that nobody waits for
     * @param timer looks at the cache now and then
     */
    public Journaled(
            ArrayGeometry geometry,
            Journal journal,
            MemberSet members,
            StripeLocks locks,
            ParityMaker parityMaker,
            StripeCache cache,
            int maxStripes,
            DirtyMarker dirtyMarker,
            SyncPosition syncPosition,
            JournalLoss journalLoss,
            Executor background,
            ScheduledExecutorService timer) {
        this.geometry = geometry;
        this.journal = journal;
        this.members = members;
        this.dirtyMarker = dirtyMarker;
        this.syncPosition = syncPosition;
        this.cache = cache;
        this.journalLoss = journalLoss;
        this.cycles = new OneAtATime(this::cycle, background);
        this.memberWriter = new MemberWriter(geometry, members);
        this.reclaimer = new Reclaimer(journal, members, background);
        this.writeThrough = new WriteThrough(geometry, journal, members, dirtyMarker, syncPosition, reclaimer);
        this.hostRoom = new HostRoom(members, memberWriter, journal, reclaimer);
        this.admission = new CacheAdmission(new LogNeeds(geometry), hostRoom, cache, maxStripes, this::requestCycle);
        reclaimer.whenTailMoves(admission::roomMayHaveChanged);
        this.writeOut =
                new WriteOut(geometry, members, locks, cache, parityMaker, reclaimer, admission, journal, dirtyMarker);
        this.besideLog =
                new BesideLog(geometry, members, memberWriter, writeThrough, writeOut, admission, hostRoom, reclaimer);
        var unused = timer.scheduleWithFixedDelay(
                this::requestCycle, WRITE_OUT_INTERVAL.toSeconds(), WRITE_OUT_INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /** The most blocks that one request may have. */
    public int largestRequestBlocks() {
        return new LogNeeds(geometry).largestRequestBlocks(journal.largestAppendSectors(), admission.maxStripes());
    }

    @Override
    public Admission admit(List<RunWrite> runs) throws IOException {
        if (besideLog.concerns(runs)) {
            return besideLog.admit(runs);
        }
        long sectors = admission.enter(runs);
        return () -> {
            admission.leave(runs, sectors);
            writeOutIfWanted();
        };
    }

    @Override
    public void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        hostRoom.requireJournal();
        members.requireSound();
        hostRoom.reserve(lease, runs, admission.promisedSectors());
        if (runs.stream().anyMatch(RunWrite::isAlone)) {
            besideLog.commit(lease, runs, parityWork);
            return;
        }
        if (caching && members.degraded() == 0 && mayBeCached(runs)) {
            cacheRuns(lease, runs);
            return;
        }
        for (RunWrite run : runs) {
            writeOut.writeOutHeld(lease, run.stripes());
        }
        writeThrough.commit(lease, runs, parityWork);
    }

    /**
     * Written and then logged, where none of the stripes is cached: a logged parity would settle cached blocks that it
     * does not cover. Where one is, it is only written: the repair makes old data and old parity on the members fit,
     * and a replay makes the parity of a stripe with blocks still cached from all its data anyhow.
     */
    @Override
    public void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        hostRoom.requireJournal();
        hostRoom.reserve(lease, List.of(run), admission.promisedSectors());
        if (cache.holdsAny(run.stripes())) {
            memberWriter.write(lease, run, slots);
        } else {
            writeThrough.repair(lease, run, slots);
        }
    }

    /**
     * What is cached is answered, so its stripes' parity must be sure to be made: from right parity, or what it can
     * solve.
     */
    private boolean mayBeCached(List<RunWrite> runs) {
        int parityCount = geometry.layout().parityCount();
        for (RunWrite run : runs) {
            if (!syncPosition.hasPassed(run.stripes())
                    || members.lostSlots(run.stripeSector(), run.endStripeSector()) > parityCount) {
                return false;
            }
        }
        return true;
    }

    private void cacheRuns(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        LogTicket ticket =
                reclaimer.append(runs.stream().map(RunWrite::dataOnly).toList());
        HeldTicket held = new HeldTicket(ticket, reclaimer);
        journal.awaitWritten(ticket);
        for (RunWrite run : runs) {
            cache.put(lease, run, held::hold);
        }
        held.letGo();
    }

    /**
     * Everything that was answered becomes durable in the log: one flush for all who wait. Where the journal has
     * failed, it becomes durable on the members.
     */
    @Override
    public void flush() throws IOException {
        try {
            journal.commitAll();
        } catch (JournalFailedException e) {
            abandonJournal();
            members.flush();
        }
        writeOutIfWanted();
    }

    /** How many stripes may be cached or on their way into the cache: the bound on its memory. */
    public int stripeCacheSize() {
        return admission.maxStripes();
    }

    /** How many are. */
    public int stripeCacheActive() {
        return cache.places();
    }

    /** The mode that is in force. */
    public JournalMode mode() {
        return caching ? JournalMode.WRITE_BACK : JournalMode.WRITE_THROUGH;
    }

    /**
     * Switches the mode; returns when the switch is complete.
     *
     * @throws IOException where write-back is asked of a degraded array, or the cache could not be written out
     */
    public void setMode(JournalMode mode) throws IOException {
        if (mode == JournalMode.WRITE_BACK) {
            if (members.degraded() > 0) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED, "write-back needs all members; this array is degraded");
            }
            caching = true;
            return;
        }
        caching = false;
        admission.enterAlone();
        try {
            writeOut.writeOutAll();
        } finally {
            admission.leaveAlone();
        }
    }

    /**
     * A member has failed: nothing more is cached, and what is cached is written out soon. Not at once, since whoever
     * found the failure holds stripes: with the request that ends next, or the flush, or when the cache is looked at.
     */
    public void memberFailed() {
        if (caching && members.degraded() > 0) {
            LOG.warn("the array is degraded: write-back ends, and everything cached is written out");
            caching = false;
        }
    }

    /** The journal's superblock could not be written: the device can't be relied on. */
    public void journalFailed(IOException cause) {
        journal.fail(cause);
    }

    /**
     * The journal has failed: whatever is in memory only goes to the members. When it is there, flushed, the members
     * say that the journal is faulty: a later mount must not replay what it holds over what came after.
     */
    private void abandonJournal() throws IOException {
        abandoning.lock();
        try {
            if (abandoned) {
                return;
            }
            hostRoom.requireRoomForLog();
            caching = false;
            writeOut.writeOutAll();
            members.flush();
            journalLoss.record();
            abandoned = true;
        } finally {
            abandoning.unlock();
        }
    }

    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        admission.enterAlone();
        try {
            writeOut.writeOutAll();
            reclaimer.drain();
            dirtyMarker.begin();
        } catch (IOException | RuntimeException e) {
            admission.leaveAlone();
            throw e;
        }
        try {
            // The mark is made even without the journal, but a trim may not be.
            hostRoom.requireJournal();
        } catch (IOException e) {
            dirtyMarker.end();
            admission.leaveAlone();
            throw e;
        }
    }

    @Override
    public void endTrim(StripeRange stripes, boolean trimmed) throws IOException {
        try {
            members.flush();
        } finally {
            dirtyMarker.end();
            admission.leaveAlone();
        }
    }

    /** Leaves the cache empty, the log with one empty block, and all that they held on the members. */
    public void drain() throws IOException {
        admission.enterAlone();
        try {
            writeOut.writeOutAll();
            if (journal.failed()) {
                abandonJournal();
            } else {
                reclaimer.drain();
            }
        } finally {
            admission.leaveAlone();
        }
    }

    private WriteOutPolicy policy() {
        return WriteOutPolicy.of(
                cache.size(),
                cache.fullStripes(),
                admission.maxStripes(),
                writeOut.pressure(),
                admission.waiters() > 0 || !caching);
    }

    private void writeOutIfWanted() {
        boolean anythingCached = caching || cache.size() > 0;
        boolean possible = !abandoned && !members.isBroken() && !hostRoom.logIsOutOfIt();
        if (possible && (journal.failed() || (anythingCached && !policy().rests()))) {
            requestCycle();
        }
    }

    private void requestCycle() {
        cycles.request();
    }

    /**
     * Writes out what the policy says, until it rests. Those who wait are told only where something has changed, or has
     * failed; that the tail has moved the reclaimer tells.
     */
    private void cycle() {
        boolean failed = false;
        try {
            writeOutByPolicy();
            hostRoom.noteCycle(null);
        } catch (IOException | RuntimeException e) {
            failed = true;
            if (!hostRoom.noteCycle(e)) {
                LOG.error("write-out failed: {}", e.getMessage());
            }
        }
        if (journal.failed()) {
            try {
                abandonJournal();
            } catch (IOException e) {
                LOG.error("what the failed journal held could not be brought to the members: {}", e.getMessage());
            }
        }
        if (failed || journal.failed()) {
            admission.roomMayHaveChanged();
        }
    }

    private void writeOutByPolicy() throws IOException {
        boolean waiters = admission.waiters() > 0;
        for (WriteOutPolicy now = policy(); !now.rests() && !journal.failed(); now = policy()) {
            boolean relaxed = writeOut.pressure() == LogPressure.RELAXED;
            if (now.full() > 0) {
                writeOut.writeOut(cache.full(Math.min(now.full(), writeOut.fullStripesInBatch())), relaxed);
            }
            if (now.oldest() > 0) {
                writeOut.writeOut(cache.oldest(now.oldest()), relaxed);
            }
            if (!relaxed || waiters) {
                reclaimer.reclaim(0);
            }
            admission.roomMayHaveChanged();
        }
        if (waiters && !journal.failed()) {
            reclaimer.reclaim(0);
        }
    }

    @Override
    public void close() {
        writeOut.close();
    }
}
