package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.statistics.CacheFigures;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The write-back cache: the stripes whose newest blocks are in the journal only, in the order in which they were first
 * cached. Changed under a lease on the stripe; read by any thread, under a lock that is held for the copy of one block.
 *
 * <p>A stripe takes a <b>cache slot</b> from the admission of the first request that may cache it
 * ({@link #reserveSlots}) until no such request is under way and the stripe is not cached either. So a stripe that is
 * written again and again takes one slot, and a stripe that is written out keeps its slot for the requests that have it
 * reserved. A bound on {@link #slotsInUse} bounds the memory: a slot has at most one page for each data slot of the
 * stripe.
 */
public final class StripeCache implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final BigStripeTree bigStripeTree;
    private final RankedLock lock = new RankedLock(LockRank.STRIPE_CACHE);
    private final CachedStripes stripes;
    private final CacheSlots slots;
    private final PagePool pages = new PagePool();

    /** Makes an empty cache that counts its stripes in {@code bigStripeTree}. */
    public StripeCache(ArrayGeometry geometry, BigStripeTree bigStripeTree) {
        this.geometry = geometry;
        this.bigStripeTree = bigStripeTree;
        this.stripes = new CachedStripes(geometry);
        this.slots = new CacheSlots(stripes::contains);
    }

    /** How many stripes are cached. */
    public int size() {
        lock.lock();
        try {
            return stripes.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many of them have every data block. */
    public int fullStripes() {
        lock.lock();
        try {
            return stripes.fullCount();
        } finally {
            lock.unlock();
        }
    }

    /** How many cache slots are taken: by cached stripes, and by reservations for stripes that are not cached. */
    public int slotsInUse() {
        lock.lock();
        try {
            return stripes.size() + slots.reservedNotCached();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A snapshot for the statistics.
     *
     * @param limitStripes how many slots may be in use, as the admission allows it
     */
    public CacheFigures figures(int limitStripes) {
        lock.lock();
        try {
            int full = stripes.fullCount();
            return new CacheFigures(
                    limitStripes,
                    stripes.size() + slots.reservedNotCached(),
                    full,
                    stripes.size() - full,
                    pages.allocated() * Sectors.BLOCK_BYTES);
        } finally {
            lock.unlock();
        }
    }

    /** How many pages of memory have been allocated so far; they are reused, and freed by {@link #close}. */
    public long allocatedPages() {
        lock.lock();
        try {
            return pages.allocated();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves a cache slot for each stripe of these runs, until {@link #releaseSlots} is called with the same runs.
     *
     * @return how many slots more are in use than before
     */
    public int reserveSlots(List<RunWrite> runs) {
        lock.lock();
        try {
            int before = slots.reservedNotCached();
            slots.reserve(runs);
            return slots.reservedNotCached() - before;
        } finally {
            lock.unlock();
        }
    }

    /** Undoes {@link #reserveSlots}; stripes that have been cached since keep their slots. */
    public void releaseSlots(List<RunWrite> runs) {
        lock.lock();
        try {
            slots.release(runs);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Caches the new blocks of a run, which the journal has.
     *
     * @param lease covers the run's stripes
     * @param afterWriteOut is asked, for each stripe that was not cached before, what to run after its write-out
     */
    public void put(StripeLocks.Lease lease, RunWrite run, Supplier<Runnable> afterWriteOut) {
        lease.require(run.stripes());
        lock.lock();
        try {
            for (int i = 0; i < run.stripeCount(); i++) {
                putStripe(run, i, afterWriteOut);
            }
        } finally {
            lock.unlock();
        }
    }

    private void putStripe(RunWrite run, int stripeInRun, Supplier<Runnable> afterWriteOut) {
        long stripeSector = run.stripeSector() + (long) stripeInRun * Sectors.PER_BLOCK;
        CachedStripe stripe = stripes.get(stripeSector);
        if (stripe == null) {
            stripe = new CachedStripe(stripeSector, geometry.dataDisks(), afterWriteOut.get());
            stripes.add(stripe);
            slots.noteCached(stripeSector);
            bigStripeTree.add(run.row());
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment blocks = run.newData(index);
            if (blocks != null) {
                stripe.page(index, pages)
                        .copyFrom(blocks.asSlice((long) stripeInRun * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES));
            }
        }
        if (stripe.isFull()) {
            stripes.noteFull(stripeSector);
        }
    }

    /**
     * Copies a part of a cached block.
     *
     * @return false if the block is not cached, so that its member has the newest bytes
     */
    public boolean read(long stripeSector, int dataIndex, int offsetInBlock, MemorySegment target) {
        lock.lock();
        try {
            CachedStripe stripe = stripes.get(stripeSector);
            MemorySegment block = stripe == null ? null : stripe.block(dataIndex);
            if (block == null) {
                return false;
            }
            target.copyFrom(block.asSlice(offsetInBlock, target.byteSize()));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Up to {@code most} cached stripes that are not being written out: those that were cached first, each with its
     * cached neighbours in the chunk row, which the members can write together with it.
     */
    public List<Long> oldest(int most) {
        lock.lock();
        try {
            return stripes.oldest(most);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Up to {@code most} stripes that have every data block and are not being written out, in ascending order from the
     * end of the last call on, and around: a sweep over the members that reaches every full stripe soon.
     */
    public List<Long> full(int most) {
        lock.lock();
        try {
            return stripes.full(most);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins to write out the cached stripes of a range: copies their blocks into {@code target}, as far as it has
     * space, as runs. Each of these runs is passed to {@link #remove} or to {@link #failWriteOut} before the lease is
     * closed.
     *
     * @param lease covers the range
     * @param range stripes of one chunk row, cached or not
     * @param maxStripesInRun longer runs are cut
     */
    public List<RunWrite> gather(
            StripeLocks.Lease lease, StripeRange range, MemorySegment target, int maxStripesInRun) {
        lease.require(range);
        lock.lock();
        try {
            List<RunWrite> runs = new ArrayList<>();
            long usedBytes = 0;
            for (long at = range.fromSector(); at < range.endSector(); ) {
                CachedStripe first = stripes.get(at);
                if (first == null) {
                    at += Sectors.PER_BLOCK;
                    continue;
                }
                long longestEnd = at + (long) maxStripesInRun * Sectors.PER_BLOCK;
                long end = Math.min(stripes.endOfSameSlots(first, range.endSector()), longestEnd);
                RunWrite run = gatherRun(first, end, target, usedBytes);
                if (run == null) {
                    break;
                }
                runs.add(run);
                usedBytes += run.bytesPerSlot() * run.writtenSlots();
                at = run.endStripeSector();
            }
            runs.forEach(run -> forEachCached(run, CachedStripe::beginWriteOut));
            return runs;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable RunWrite gatherRun(
            CachedStripe first, long endStripeSector, MemorySegment target, long fromBytes) {
        int slotCount = 0;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            slotCount += first.block(index) == null ? 0 : 1;
        }
        long spaceStripes = (target.byteSize() - fromBytes) / ((long) slotCount * Sectors.BLOCK_BYTES);
        int count = (int) Math.min(spaceStripes, (endStripeSector - first.stripeSector()) / Sectors.PER_BLOCK);
        if (count == 0) {
            return null;
        }
        List<@Nullable MemorySegment> columns = new ArrayList<>();
        long at = fromBytes;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (first.block(index) == null) {
                columns.add(null);
                continue;
            }
            MemorySegment column = target.asSlice(at, (long) count * Sectors.BLOCK_BYTES);
            copyColumn(first.stripeSector(), index, column);
            columns.add(column);
            at += column.byteSize();
        }
        return new RunWrite(geometry, first.stripeSector(), count, columns);
    }

    private void copyColumn(long stripeSector, int dataIndex, MemorySegment column) {
        for (long at = 0; at < column.byteSize(); at += Sectors.BLOCK_BYTES) {
            CachedStripe stripe = stripes.get(stripeSector + at / Sectors.BYTES);
            MemorySegment block = stripe == null ? null : stripe.block(dataIndex);
            if (block == null) {
                throw new IllegalStateException("a stripe left the cache while it was leased");
            }
            column.asSlice(at, Sectors.BLOCK_BYTES).copyFrom(block);
        }
    }

    private void forEachCached(RunWrite run, Consumer<CachedStripe> action) {
        for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
            CachedStripe stripe = stripes.get(at);
            if (stripe != null) {
                action.accept(stripe);
            }
        }
    }

    /**
     * A write-out has ended: those stripes of the runs that were not removed stay cached.
     *
     * @param lease covers the stripes of all runs
     */
    public void failWriteOut(StripeLocks.Lease lease, List<RunWrite> runs) {
        lock.lock();
        try {
            for (RunWrite run : runs) {
                lease.require(run.stripes());
                forEachCached(run, CachedStripe::failWriteOut);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The members have the run's stripes.
     *
     * @param lease covers them
     */
    public void remove(StripeLocks.Lease lease, RunWrite run) {
        lease.require(run.stripes());
        List<CachedStripe> removed = new ArrayList<>(run.stripeCount());
        lock.lock();
        try {
            forEachCached(run, stripe -> {
                stripe.endWriteOut(pages);
                stripes.remove(stripe.stripeSector());
                slots.noteRemoved(stripe.stripeSector());
                bigStripeTree.remove(run.row());
                removed.add(stripe);
            });
        } finally {
            lock.unlock();
        }
        removed.forEach(CachedStripe::releaseLogSpace);
    }

    /** True if any stripe of the range is cached. */
    public boolean containsAny(StripeRange range) {
        lock.lock();
        try {
            for (long at = range.fromSector(); at < range.endSector() && stripes.size() > 0; at += Sectors.PER_BLOCK) {
                if (stripes.contains(at)) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        pages.close();
    }
}
