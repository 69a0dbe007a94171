package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.member.GroupFlush;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.BitImage;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberBitmap;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.UpdateHook;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * md's write-intent bitmap: before a chunk is written, its bit is set on every member's medium, so that after a crash
 * only chunks with a bit need a resync. The states of one bit:
 *
 * <pre>
 *            begin()                 round: written to all, flushed
 *   CLEAR ────────────▶ WANTED ──────────────────────────────────▶ SET ◀────────────┐
 *     ▲                                                             │ no write      │ begin()
 *     │                                                             ▼ under way     │
 *     └────────────────────── tick: members flushed, cleared ──── IDLE ─────────────┘
 * </pre>
 *
 * <p>A write to a WANTED chunk waits for a round, with one flush for all waiting writes; a write to a SET chunk does
 * not wait. While any bit is set, a tick comes every daemon_sleep seconds; one tick makes a chunk without writes IDLE,
 * the next clears it. No bit is cleared while a member is missing (the member will need it when it is re-added), nor in
 * a chunk whose parity is in doubt: one that the resync has not passed, or in which a write failed.
 *
 * <p>A crash: 1 the bit is set, or the members were not written. 2 the write is on some members; the next mount resyncs
 * the chunk. 3 the members are flushed, the bit may still be set: the chunk is resynced and found correct. 4 the bit is
 * cleared on some members: the next mount uses the union of all members' bits, as in 3. Thread-safe.
 */
public final class WriteIntentBitmap implements WriteIntent {
    private static final Logger LOG = LoggerFactory.getLogger(WriteIntentBitmap.class);

    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final BitmapDisks<BitImage> disks;
    private final long chunkSectors;
    private final Duration daemonSleep;
    private final long memberSectors;
    private final GroupFlush round = new GroupFlush(this::setWanted);
    private final TimedTask ticks;

    private final RankedLock lock = new RankedLock(LockRank.BITMAP_BITS);
    private final ChunkCounts underWay = new ChunkCounts();
    private final BitSet wanted = new BitSet();
    /** The bits that are set on every member's medium. */
    private final BitSet durable;

    private final BitSet idle = new BitSet();
    private final BitSet doubtful = new BitSet();

    /**
     * Continues the bitmaps that were found. Nothing is written before {@link #makeAlike}, and no bit is cleared before
     * {@link #start}.
     *
     * @param reference the array's freshest superblock
     * @param parityCorrect whether all parity is correct and no member is missing
     */
    public WriteIntentBitmap(
            FoundBitmap found,
            Superblock reference,
            boolean parityCorrect,
            MemberSet members,
            SyncPosition syncPosition,
            TaskThreads threads) {
        this.members = members;
        this.syncPosition = syncPosition;
        this.ticks = threads.task(this::tick);
        this.chunkSectors = found.head().chunkSectors();
        this.daemonSleep = Duration.ofSeconds(found.head().daemonSleepSeconds());
        this.memberSectors = reference.usedSectors();
        this.disks = new BitmapDisks<>(members, found.areas(), found.bits(reference, !parityCorrect));
        this.durable = disks.ask(BitImage::bits);
    }

    @Override
    public void makeAlike(boolean alike) throws IOException {
        if (!alike) {
            disks.rewriteAll();
        }
    }

    /** Starts the ticks: bits that an earlier mount left may be cleared from now on. */
    @Override
    public void start() {
        tickLater();
    }

    @Override
    public UpdateHook eventCount() {
        return disks;
    }

    @Override
    public void attach(FoundDevice device) throws IOException {
        disks.attach(device);
    }

    @Override
    public void includeFormer(FoundDevice former) throws IOException {
        MemberBitmap own = MemberBitmap.read(former, memberSectors);
        FormerBitmap.requireComplete(former, own.head(), disks.head(), memberSectors);
        // Its own bits too: if it was used without the other members meanwhile, they say in which chunks.
        BitSet taken = own.dirtyChunks();
        disks.change(image -> taken.stream().forEach(image::set));
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
        return new DirtyRegions(chunkSectors, disks.ask(BitImage::bits));
    }

    /** The chunks that were written since a member was removed, or whose parity may be wrong. */
    public BitSet chunks() {
        return disks.ask(BitImage::bits);
    }

    /** Member sectors in each chunk. */
    public long chunkSectors() {
        return chunkSectors;
    }

    @Override
    public int bitCount() {
        return (int) ((memberSectors + chunkSectors - 1) / chunkSectors);
    }

    @Override
    public void markInDoubt(BitSet chunks) throws IOException {
        if (chunks.length() > bitCount()) {
            throw new IllegalArgumentException("the bitmap has no bit " + (chunks.length() - 1));
        }
        begin(chunks);
        // As after a write that failed: no tick clears these bits.
        end(chunks, false);
        if (members.degraded() == 0 && !chunks.isEmpty()) {
            syncPosition.askForResync(chunks.nextSetBit(0) * chunkSectors);
        }
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
        lock.lock();
        try {
            durable.or(taken);
        } finally {
            lock.unlock();
        }
    }

    private void tickLater() {
        ticks.runAfter(daemonSleep.toMillis());
    }

    private void tick() {
        try {
            clearIdle(false);
        } catch (IOException e) {
            // A superfluous bit only costs a longer resync.
            LOG.warn("could not clear bits of the write-intent bitmap: {}", e.getMessage());
        } finally {
            if (!disks.ask(BitImage::bits).isEmpty()) {
                tickLater();
            }
        }
    }

    /** Ends the ticks and clears every bit that may be cleared. */
    @Override
    public void stop() throws IOException {
        ticks.close();
        clearIdle(true);
    }

    @Override
    public void close() {
        ticks.close();
    }

    private void clearIdle(boolean atOnce) throws IOException {
        BitSet clearing = disks.ask(BitImage::bits);
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
        long events = disks.noteClearing();
        members.flush();
        // A flush may take so long that a member fails, and its slot is complete again when the flush returns. The
        // member that failed has the noted count and may lack what these bits name.
        if (members.degraded() > 0 || !disks.isStillAt(events)) {
            return;
        }
        disks.change(image -> {
            lock.lock();
            try {
                // A write that began meanwhile relies on its bit, and was not flushed.
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
        return underWay.isBusy(chunk) || !syncPosition.hasPassed(stripes);
    }
}
