package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * </pre>
 *
 * In WRITE_BACK whole blocks of healthy, synced stripes are logged, kept in the {@link StripeCache} and answered; all
 * else is written out first and then goes through. {@link WriteOutPolicy} says what is written out in the background.
 *
 * <p>A trim is not logged: zeros for terabytes would be. Instead it waits until it is alone, the cache is written out and
 * the log drained, so that no replay can bring back what is trimmed; and the array is marked dirty until the trim is on
 * the members. It is flushed before anybody else comes in: whatever is logged later may be replayed together with blocks
 * that were trimmed.
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
    private final Executor background;
    private final Reclaimer reclaimer;
    private final WriteThrough writeThrough;
    private final WriteOut writeOut;
    private final CacheAdmission admission;
    private final AtomicBoolean cycleRequested = new AtomicBoolean();
    private volatile boolean caching;

    /**
     * Starts in write-through mode with an empty cache.
     *
     * @param maxStripes how many stripes the cache may hold
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
            Executor background,
            ScheduledExecutorService timer) {
        this.geometry = geometry;
        this.journal = journal;
        this.members = members;
        this.dirtyMarker = dirtyMarker;
        this.syncPosition = syncPosition;
        this.cache = cache;
        this.background = background;
        this.reclaimer = new Reclaimer(journal, members, background);
        this.writeThrough = new WriteThrough(geometry, journal, members, dirtyMarker, syncPosition, reclaimer);
        this.writeOut = new WriteOut(geometry, members, locks, cache, parityMaker, reclaimer, journal);
        this.admission = new CacheAdmission(geometry, journal, reclaimer, cache, maxStripes, this::requestCycle);
        var unused = timer.scheduleWithFixedDelay(
                this::requestCycle, WRITE_OUT_INTERVAL.toSeconds(), WRITE_OUT_INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /** The most blocks that one request may have. */
    public int largestRequestBlocks() {
        return CacheAdmission.largestRequestBlocks(geometry, journal, admission.maxStripes());
    }

    @Override
    public Admission admit(int stripes, int blocks) {
        admission.enter(stripes, blocks);
        return () -> {
            admission.leave(stripes, blocks);
            if (caching && !policy().rests()) {
                requestCycle();
            }
        };
    }

    @Override
    public void commit(List<RunWrite> runs, ParityWork parityWork) throws IOException {
        if (caching && members.degraded() == 0 && allSynced(runs)) {
            cacheRuns(runs);
            return;
        }
        for (RunWrite run : runs) {
            writeOut.writeOutHeld(run.stripeSector(), run.endStripeSector());
        }
        writeThrough.commit(runs, parityWork);
    }

    private boolean allSynced(List<RunWrite> runs) {
        for (RunWrite run : runs) {
            if (!syncPosition.trustsParity(run.stripeSector(), run.endStripeSector())) {
                return false;
            }
        }
        return true;
    }

    private void cacheRuns(List<RunWrite> runs) throws IOException {
        LogTicket ticket =
                reclaimer.append(runs.stream().map(RunWrite::dataOnly).toList());
        HeldTicket held = new HeldTicket(ticket, reclaimer);
        journal.awaitWritten(ticket);
        for (RunWrite run : runs) {
            cache.put(run, held::hold);
        }
        held.letGo();
    }

    /** Everything that was answered becomes durable in the log: one flush for all who wait. */
    @Override
    public void flush() throws IOException {
        journal.commitAll();
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
                throw new IOException("write-back needs all members; this array is degraded");
            }
            caching = true;
            return;
        }
        caching = false;
        admission.enterAlone();
        try {
            writeOutAll();
        } finally {
            admission.leaveAlone();
        }
    }

    /** A member has failed: what is cached goes to the others soon, and nothing more is cached. */
    public void memberFailed() {
        if (caching) {
            LOG.warn("the array is degraded: write-back ends, and everything cached is written out");
            background.execute(this::fallBack);
        }
    }

    private void fallBack() {
        try {
            setMode(JournalMode.WRITE_THROUGH);
        } catch (IOException e) {
            LOG.error("could not write out the cache: {}", e.getMessage());
        }
    }

    @Override
    public void beginTrim(long fromStripeSector, long endStripeSector) throws IOException {
        admission.enterAlone();
        try {
            writeOutAll();
            reclaimer.drain();
            dirtyMarker.begin();
        } catch (IOException | RuntimeException e) {
            admission.leaveAlone();
            throw e;
        }
    }

    @Override
    public void endTrim(long fromStripeSector, long endStripeSector, boolean trimmed) throws IOException {
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
            writeOutAll();
            reclaimer.drain();
        } finally {
            admission.leaveAlone();
        }
    }

    private void writeOutAll() throws IOException {
        while (cache.size() > 0) {
            writeOut.writeOut(cache.oldest(WriteOutPolicy.GROUP * 4), false);
        }
    }

    private LogPressure pressure() {
        long need = LogPressure.needSectors(
                cache.size(), geometry.raidDisks(), geometry.layout().parityCount());
        return LogPressure.of(journal.freeSectors(), need);
    }

    private WriteOutPolicy policy() {
        return WriteOutPolicy.of(
                cache.size(), cache.fullStripes(), admission.maxStripes(), pressure(), admission.hasWaiters());
    }

    private void requestCycle() {
        if (cycleRequested.compareAndSet(false, true)) {
            background.execute(this::cycle);
        }
    }

    /** Writes out what the policy says, until it rests. Those who wait are told only where that made a difference. */
    private void cycle() {
        cycleRequested.set(false);
        boolean progress = false;
        try {
            boolean waiters = admission.hasWaiters();
            for (WriteOutPolicy now = policy(); !now.rests(); now = policy()) {
                boolean relaxed = pressure() == LogPressure.RELAXED;
                if (now.full() > 0) {
                    writeOut.writeOut(cache.full(now.full()), relaxed);
                }
                if (now.oldest() > 0) {
                    writeOut.writeOut(cache.oldest(now.oldest()), relaxed);
                }
                if (!relaxed || waiters) {
                    reclaimer.reclaim(0);
                }
                admission.roomMayHaveChanged();
            }
            progress = waiters && reclaimer.reclaim(0);
        } catch (IOException | RuntimeException e) {
            LOG.error("write-out failed: {}", e.getMessage());
            progress = true;
        } finally {
            if (progress) {
                admission.roomMayHaveChanged();
            }
        }
    }

    @Override
    public void close() {
        writeOut.close();
    }
}
