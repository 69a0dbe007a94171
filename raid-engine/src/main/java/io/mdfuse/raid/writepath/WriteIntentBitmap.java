package io.mdfuse.raid.writepath;

import io.mdfuse.raid.member.GroupFlush;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberBitmap;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.UpdateHook;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * md's write-intent bitmap: before a chunk is written to, its bit is on every member's medium, so that after a crash
 * only chunks with a bit need a resync. One bit's life:
 *
 * <pre>
 *            begin()                 round: written to all, flushed
 *   CLEAR ────────────▶ WANTED ──────────────────────────────────▶ SET ◀────────────┐
 *     ▲                                                             │ no write      │ begin()
 *     │                                                             ▼ under way     │
 *     └────────────────────── tick: members flushed, cleared ──── IDLE ─────────────┘
 * </pre>
 *
 * <p>WANTED waits for one flush together with all who wait; SET costs a write nothing. Ticks come every daemon_sleep
 * seconds while any bit is set; one makes a chunk without writes IDLE, the next clears it. No bit is cleared while a
 * member is missing (it will need it when it comes back), nor in a chunk whose parity is in doubt: one that the resync
 * has not reached, or where a write failed.
 *
 * <p>A crash: 1 the bit is set, or the members were not touched. 2 the write is on some members; the next mount resyncs
 * the chunk. 3 the members are flushed, the bit may still be set: the chunk is resynced and found right. 4 it is
 * cleared on some members: bits of all members are taken together, as in 3.
 */
public final class WriteIntentBitmap implements WriteIntent {
    private static final Logger LOG = LoggerFactory.getLogger(WriteIntentBitmap.class);

    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final ScheduledExecutorService timer;
    private final BitmapDisks disks;
    private final long chunkSectors;
    private final int sleepSeconds;
    private final long memberSectors;
    private final GroupFlush round = new GroupFlush(this::setWanted);

    private final ReentrantLock lock = new ReentrantLock();
    private final ChunkCounts underWay = new ChunkCounts();
    private final BitSet wanted = new BitSet();
    /** What is set on every member's medium. */
    private final BitSet durable;

    private final BitSet idle = new BitSet();
    private final BitSet doubtful = new BitSet();
    private boolean tickPending;
    private boolean stopped;

    /**
     * Goes on with the bitmaps that were found. Nothing is written before {@link #start}.
     *
     * @param reference the array's freshest superblock
     * @param parityRight whether all parity is right and no member is missing
     */
    public WriteIntentBitmap(
            FoundBitmap found,
            Superblock reference,
            boolean parityRight,
            MemberSet members,
            SyncPosition syncPosition,
            ScheduledExecutorService timer) {
        this.members = members;
        this.syncPosition = syncPosition;
        this.timer = timer;
        this.chunkSectors = found.head().chunkSectors();
        this.sleepSeconds = found.head().daemonSleepSeconds();
        this.memberSectors = reference.usedSectors();
        this.disks = new BitmapDisks(members, found.areas(), found.image(reference, !parityRight));
        this.durable = disks.bits();
    }

    /**
     * Makes the members' bitmaps one, where they are not.
     *
     * @param alike whether they are already
     */
    public void start(boolean alike) throws IOException {
        if (!alike) {
            disks.rewriteAll();
        }
        tickLater();
    }

    /** Keeps the event count of the bitmaps in step with the superblocks'. */
    public UpdateHook eventCount() {
        return disks;
    }

    @Override
    public void attach(FoundDevice device) throws IOException {
        disks.attach(device);
    }

    @Override
    public void takeUp(FoundDevice former) throws IOException {
        MemberBitmap own = MemberBitmap.read(former, memberSectors);
        FormerBitmap.requireEnough(former, own.head(), disks.head(), memberSectors);
        // Its own bits too: were it used without the others meanwhile, they say where.
        BitSet taken = own.dirtyChunks();
        disks.change(image -> taken.stream().forEach(image::set));
        members.flush();
        lock.lock();
        try {
            durable.or(taken);
        } finally {
            lock.unlock();
        }
        tickLater();
    }

    @Override
    public DirtyRegions marked() {
        return new DirtyRegions(chunkSectors, disks.bits());
    }

    /** The chunks that were written since a member went away, or whose parity may be wrong. */
    public BitSet chunks() {
        return disks.bits();
    }

    /** Member sectors in each chunk. */
    public long chunkSectors() {
        return chunkSectors;
    }

    @Override
    public void begin(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        runs.forEach(run -> lease.require(run.stripes()));
        begin(chunksOf(runs));
    }

    @Override
    public void end(List<RunWrite> runs, boolean written) {
        end(chunksOf(runs), written);
    }

    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        begin(chunksOf(stripes));
    }

    @Override
    public void endTrim(StripeRange stripes, boolean trimmed) {
        end(chunksOf(stripes), trimmed);
    }

    private BitSet chunksOf(List<RunWrite> runs) {
        BitSet chunks = new BitSet();
        for (RunWrite run : runs) {
            chunks.or(chunksOf(run.stripes()));
        }
        return chunks;
    }

    private BitSet chunksOf(StripeRange stripes) {
        BitSet chunks = new BitSet();
        chunks.set((int) (stripes.fromSector() / chunkSectors), (int) ((stripes.endSector() - 1) / chunkSectors) + 1);
        return chunks;
    }

    private void begin(BitSet chunks) throws IOException {
        boolean wait;
        lock.lock();
        try {
            underWay.add(chunks);
            idle.andNot(chunks);
            BitSet missing = (BitSet) chunks.clone();
            missing.andNot(durable);
            wanted.or(missing);
            wait = !missing.isEmpty();
        } finally {
            lock.unlock();
        }
        if (wait) {
            try {
                round.await();
            } catch (IOException | RuntimeException e) {
                end(chunks, true);
                throw e;
            }
        }
    }

    private void end(BitSet chunks, boolean written) {
        lock.lock();
        try {
            underWay.remove(chunks);
            if (!written) {
                doubtful.or(chunks);
            }
        } finally {
            lock.unlock();
        }
        tickLater();
    }

    private void setWanted() throws IOException {
        BitSet taken = new BitSet();
        disks.change(image -> {
            lock.lock();
            try {
                taken.or(wanted);
                wanted.clear();
            } finally {
                lock.unlock();
            }
            taken.stream().forEach(image::set);
        });
        members.flush();
        lock.lock();
        try {
            durable.or(taken);
        } finally {
            lock.unlock();
        }
    }

    private void tickLater() {
        lock.lock();
        try {
            if (!tickPending && !stopped && !timer.isShutdown()) {
                tickPending = true;
                // It reports its own failures; nobody waits for it.
                var unused = timer.schedule(this::tick, sleepSeconds, TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        lock.lock();
        try {
            tickPending = false;
        } finally {
            lock.unlock();
        }
        try {
            clearIdle(false);
        } catch (IOException e) {
            // A bit too many costs a longer resync and nothing else.
            LOG.warn("could not clear bits of the write-intent bitmap: {}", e.getMessage());
        }
        if (!disks.bits().isEmpty()) {
            tickLater();
        }
    }

    /** Clears whatever may be cleared. */
    @Override
    public void stop() throws IOException {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        clearIdle(true);
    }

    private void clearIdle(boolean atOnce) throws IOException {
        BitSet clearing = disks.bits();
        lock.lock();
        try {
            clearing.andNot(doubtful);
            for (int chunk : clearing.stream().filter(this::inUse).toArray()) {
                clearing.clear(chunk);
            }
            BitSet before = (BitSet) idle.clone();
            idle.clear();
            idle.or(clearing);
            if (!atOnce) {
                clearing.and(before);
            }
        } finally {
            lock.unlock();
        }
        if (clearing.isEmpty() || members.degraded() > 0) {
            return;
        }
        disks.noteClearing();
        members.flush();
        if (members.degraded() > 0) {
            return;
        }
        disks.change(image -> {
            lock.lock();
            try {
                // Who began meanwhile relies on its bit, and what it wrote was not flushed.
                clearing.and(idle);
                durable.andNot(clearing);
            } finally {
                lock.unlock();
            }
            clearing.stream().forEach(image::clear);
        });
    }

    private boolean inUse(int chunk) {
        long from = chunk * chunkSectors;
        StripeRange stripes =
                StripeRange.covering(Math.min(from, memberSectors - 1), Math.min(memberSectors, from + chunkSectors));
        return underWay.any(chunk) || !syncPosition.hasPassed(stripes);
    }
}
