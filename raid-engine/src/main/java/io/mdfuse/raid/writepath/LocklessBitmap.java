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
 *                      tick, and chunks that were trimmed since ──▶ UNWRITTEN; nothing while a slot is degraded
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
    private final GroupFlush round = new GroupFlush(this::markWanted);
    private final TimedTask ticks;
    private volatile Runnable whenSyncIsNeeded = () -> {};

    private final RankedLock lock = new RankedLock(LockRank.BITMAP_BITS);
    private final ChunkActivity activity = new ChunkActivity();
    private final BitSet wanted = new BitSet();
    /** The chunks with a mark on every member's medium. */
    private final BitSet durable;

    /** The chunks whose parity can't be made, because a block can't be read, until a write touches them. */
    private final BitSet unreadable = new BitSet();

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
            members.flush();
        }
    }

    private void forget(StateImage image, int chunk) {
        if (states.get(chunk) == ChunkState.CLEAN_UNWRITTEN) {
            image.set(chunk, ChunkState.UNWRITTEN);
        }
    }

    /**
     * A resync of the chunks with a mark begins at this sector. From now until {@link #synced} their state tells chunks
     * in which nothing has failed meanwhile.
     */
    public void resyncBegins(long fromSector) {
        BitSet chunks = states.where(state -> state == ChunkState.NEED_SYNC);
        chunks.clear(0, (int) Math.ceilDiv(fromSector, states.chunkSectors()));
        chunks.stream().forEach(this::beginSync);
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

    private void begin(BitSet chunks) throws IOException {
        boolean wait;
        lock.lock();
        try {
            activity.begin(chunks);
            unreadable.andNot(chunks);
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
            disks.ask(image -> {
                chunks.stream().forEach(chunk -> image.setInMemory(chunk, ChunkState.NEED_SYNC));
                return image;
            });
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
        members.flush();
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
        if (nextToSync(0) >= 0) {
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
            empty.or(activity.trimmed());
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
                    .filter(chunk -> activity.isTrimmed(chunk) && isUntouched(chunk))
                    .forEach(chunk -> change(image, chunk, ChunkState.UNWRITTEN));
            activity.forgetTrimmed(empty);
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

    /** The first chunk from this one on whose parity should be made; -1 if there is none. */
    public int nextToSync(int fromChunk) {
        lock.lock();
        try {
            for (int chunk = fromChunk; chunk < states.chunks(); chunk++) {
                if (states.get(chunk) == ChunkState.NEED_SYNC && !unreadable.get(chunk)) {
                    return chunk;
                }
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    /** The stripes of a chunk. */
    public StripeRange stripesOf(int chunk, long memberSectors) {
        return ranges.stripesOf(chunk, memberSectors);
    }

    /** The parity of all stripes of this chunk will be made, each under its lease; then follows one of the next two. */
    public void beginSync(int chunk) {
        move(chunk, ChunkState.NEED_SYNC, ChunkState.SYNCING);
    }

    /** The parity of the chunk was made. No effect if a write of the chunk has failed since {@link #beginSync}. */
    public void synced(int chunk) {
        move(chunk, ChunkState.SYNCING, ChunkState.DIRTY);
        ticks.runAfter(IDLE.toMillis());
    }

    /**
     * The parity of the chunk was not made.
     *
     * @param isUnreadable whether a block can't be read, so that it is not tried again before a write
     */
    public void notSynced(int chunk, boolean isUnreadable) {
        move(chunk, ChunkState.SYNCING, ChunkState.NEED_SYNC);
        if (isUnreadable) {
            lock.lock();
            try {
                unreadable.set(chunk);
            } finally {
                lock.unlock();
            }
        }
    }

    /** The parity of all chunks was made whose sync has begun. */
    public void allSynced() {
        states.where(state -> state == ChunkState.SYNCING).stream().forEach(this::synced);
    }

    private void move(int chunk, ChunkState from, ChunkState to) {
        disks.ask(image -> {
            if (states.get(chunk) == from) {
                image.setInMemory(chunk, to);
            }
            return image;
        });
    }
}
