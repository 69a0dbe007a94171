package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.member.GroupFlush;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RegionsToCopy;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.ChunkStates;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.StateImage;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.UpdateHook;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lockless bitmap of Linux 6.18 (md-llbitmap): it says of each chunk whether it was ever written, and whether its
 * parity is valid. {@link ChunkState} has the states. A chunk has a <i>mark</i> if a crash makes its parity anew: it is
 * {@link ChunkState#DIRTY}, NEED_SYNC or SYNCING.
 *
 * <pre>
 *   a write begins     no mark: the chunk gets one on every member, flushed; one flush for all writes that wait
 *   a write fails      NEED_SYNC: its parity is made again
 *   sync of a chunk    NEED_SYNC ──▶ SYNCING ──▶ DIRTY, in memory: for a crash all three mean the same
 *   a tick (5 s)       members flushed; then DIRTY ──▶ CLEAN in pieces of the bitmap without a write since the last
 *                      tick, and chunks that were discarded ──▶ UNWRITTEN; nothing while a slot is degraded
 * </pre>
 *
 * <p>A crash: 1 the mark is on every member, or the members were not written. 2 the write is on some members: the next
 * mount makes the chunk's parity. 3 the members are flushed, the mark may still be there: parity is made once more. 4
 * the mark is gone on some members: states that differ are taken as NEED_SYNC, as in 3. Thread-safe.
 */
public final class LocklessBitmap implements WriteIntent {
    private static final Logger LOG = LoggerFactory.getLogger(LocklessBitmap.class);

    /** The time without a write after which a chunk counts as idle: md's. */
    private static final Duration IDLE = Duration.ofSeconds(5);

    private final MemberSet members;
    private final ChunkStates states;
    private final ChunkRanges ranges;
    private final BitmapDisks<StateImage> disks;
    private final ChunkSyncs syncs;
    private final GroupFlush round = new GroupFlush(this::markWanted);
    private final TimedTask ticks;
    private volatile Runnable whenSyncIsNeeded = () -> {};

    private final RankedLock lock = new RankedLock(LockRank.BITMAP_BITS);
    private final ChunkActivity activity = new ChunkActivity();
    private final BitSet wanted = new BitSet();
    /** The chunks with a mark on every member's medium. */
    private final BitSet durable;

    /**
     * Continues the bitmaps that were found. Nothing is written before {@link #makeAlike}.
     *
     * @param reference the array's freshest superblock
     */
    public LocklessBitmap(FoundBitmap found, Superblock reference, MemberSet members, TaskThreads threads) {
        this.members = members;
        this.states = Objects.requireNonNull(found.states());
        this.ranges = new ChunkRanges(states.chunkSectors());
        this.disks = new BitmapDisks<>(members, found.areas(), found.stateImage(reference));
        this.durable = states.where(ChunkState::isMarked);
        this.ticks = threads.task(this::tick);
        this.syncs = new ChunkSyncs(states, disks, () -> ticks.runAfter(IDLE.toMillis()));
    }

    @Override
    public void makeAlike(boolean alike) throws IOException {
        if (!alike) {
            disks.rewriteAll();
        }
        if (members.degraded() > 0) {
            forgetUnwrittenParity();
        }
    }

    /** A new member has other content than this parity fits, also one that md began to rebuild. */
    private void forgetUnwrittenParity() throws IOException {
        BitSet chunks = states.where(state -> state == ChunkState.CLEAN_UNWRITTEN);
        if (!chunks.isEmpty()) {
            disks.change(image -> chunks.stream().forEach(chunk -> forget(image, chunk)));
        }
    }

    private void forget(StateImage image, int chunk) {
        if (states.get(chunk) == ChunkState.CLEAN_UNWRITTEN) {
            image.set(chunk, ChunkState.UNWRITTEN);
        }
    }

    /** Which chunks need their parity made. */
    public ChunkSyncs syncs() {
        return syncs;
    }

    /** Is called when there are chunks whose parity should be made; it must not wait. */
    public void whenSyncIsNeeded(Runnable listener) {
        whenSyncIsNeeded = listener;
    }

    @Override
    public void start() {
        ticks.runAfter(0);
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
        throw new ArrayRefusedException(
                Reason.UNSUPPORTED, "the lockless bitmap does not tell what a former member lacks");
    }

    /**
     * The chunks that were written, at any moment of the rebuild. Parity of chunks that were never written is forgotten
     * first, durably: the new member has other content there.
     */
    @Override
    public RegionsToCopy writtenRegions() throws IOException {
        forgetUnwrittenParity();
        return new WrittenChunks(states);
    }

    @Override
    public void begin(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        runs.forEach(run -> lease.require(run.stripes()));
        begin(ranges.touched(runs));
    }

    @Override
    public void end(List<RunWrite> runs, boolean written) {
        end(ranges.touched(runs), written);
    }

    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        begin(ranges.touched(stripes));
        lock.lock();
        try {
            activity.beginTrim(ranges.covered(stripes));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void endTrim(StripeRange stripes, boolean wasTrimmed) {
        end(ranges.touched(stripes), wasTrimmed);
        lock.lock();
        try {
            activity.endTrim(ranges.covered(stripes), wasTrimmed);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void discarded(StripeRange stripes) {
        lock.lock();
        try {
            activity.discard(ranges.covered(stripes));
        } finally {
            lock.unlock();
        }
        ticks.runAfter(IDLE.toMillis());
    }

    private void begin(BitSet chunks) throws IOException {
        boolean wait;
        syncs.touch(chunks);
        lock.lock();
        try {
            activity.begin(chunks);
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
        if (!written) {
            syncs.failed(chunks);
        }
        lock.lock();
        try {
            activity.end(chunks);
        } finally {
            lock.unlock();
        }
        ticks.runAfter(IDLE.toMillis());
    }

    private void markWanted() throws IOException {
        boolean degraded = members.degraded() > 0;
        BitSet marked = new BitSet();
        disks.change(image -> {
            BitSet taken;
            lock.lock();
            try {
                taken = (BitSet) wanted.clone();
                wanted.clear();
            } finally {
                lock.unlock();
            }
            marked.or(image.mark(taken, degraded));
        });
        lock.lock();
        try {
            durable.or(marked);
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        try {
            settle(false);
        } catch (IOException e) {
            // A superfluous mark only costs a longer resync.
            LOG.warn("could not clear marks of the lockless bitmap: {}", e.getMessage());
        }
        if (states.firstSector(0, ChunkState::isMarked) != Long.MAX_VALUE) {
            ticks.runAfter(IDLE.toMillis());
        }
        if (syncs.next(0) >= 0) {
            whenSyncIsNeeded.run();
        }
    }

    /** Ends the ticks and removes every mark that may be removed. */
    @Override
    public void stop() throws IOException {
        ticks.close();
        settle(true);
    }

    @Override
    public void close() {
        ticks.close();
    }

    private void settle(boolean atOnce) throws IOException {
        BitSet clean = states.where(state -> state == ChunkState.DIRTY);
        BitSet empty = new BitSet();
        BitSet before;
        lock.lock();
        try {
            BitSet recent = activity.takeRecent();
            before = atOnce ? new BitSet() : recent;
            empty.or(activity.discarded());
        } finally {
            lock.unlock();
        }
        clean.andNot(empty);
        clean.andNot(wholePieces(before));
        if ((clean.isEmpty() && empty.isEmpty()) || members.degraded() > 0) {
            return;
        }
        members.flush();
        if (members.degraded() > 0) {
            return;
        }
        disks.change(image -> change(image, clean, empty));
    }

    /** The chunks whose states share a piece of the bitmap with one of these. */
    private BitSet wholePieces(BitSet chunks) {
        return disks.ask(image -> {
            BitSet all = new BitSet();
            for (int chunk = chunks.nextSetBit(0); chunk >= 0; chunk = chunks.nextSetBit(chunk + 1)) {
                all.set(image.firstOfPiece(chunk), image.endOfPiece(chunk));
            }
            return all;
        });
    }

    /** A write that began since the flush relies on its mark; its chunk is left as it is. */
    private void change(StateImage image, BitSet clean, BitSet empty) {
        lock.lock();
        try {
            clean.stream()
                    .filter(chunk -> states.get(chunk) == ChunkState.DIRTY && isUntouched(chunk))
                    .forEach(chunk -> change(image, chunk, ChunkState.CLEAN));
            empty.stream()
                    .filter(chunk -> activity.isDiscarded(chunk) && isUntouched(chunk))
                    .forEach(chunk -> change(image, chunk, ChunkState.UNWRITTEN));
            activity.forgetDiscarded(empty);
        } finally {
            lock.unlock();
        }
    }

    private boolean isUntouched(int chunk) {
        return activity.isUntouched(chunk) && !wanted.get(chunk);
    }

    private void change(StateImage image, int chunk, ChunkState state) {
        durable.clear(chunk);
        image.set(chunk, state);
    }
}
