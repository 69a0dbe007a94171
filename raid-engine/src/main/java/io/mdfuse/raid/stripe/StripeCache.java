package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stripes whose newest blocks are in the journal only, in the order in which they came in. Changed by whoever
 * holds the stripe; read by anybody, under a lock that is held for the copy of one block.
 *
 * <p>A stripe has a <b>place</b> here from the moment a request that may cache it is let in ({@link #claim}) until no
 * such request is under way and it is not cached either. So a stripe that is written again and again takes one place,
 * and one that is written out meanwhile keeps it for the request that comes. Who bounds {@link #places} bounds the
 * memory: a place never holds more than one page for each data slot.
 */
public final class StripeCache implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final BigStripeTree bigStripeTree;
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<Long, CachedStripe> stripes = new LinkedHashMap<>();
    /** Those with every data block, by place on the members, so that they are written in one sweep. */
    private final TreeSet<Long> fullStripes = new TreeSet<>();

    private final HashMap<Long, Integer> claims = new HashMap<>();
    private final PagePool pages = new PagePool();
    private int claimedNotCached;
    private long sweptTo;

    /** Makes an empty cache that counts its stripes in {@code bigStripeTree}. */
    public StripeCache(ArrayGeometry geometry, BigStripeTree bigStripeTree) {
        this.geometry = geometry;
        this.bigStripeTree = bigStripeTree;
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
            return fullStripes.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many stripes are cached or claimed. */
    public int places() {
        lock.lock();
        try {
            return stripes.size() + claimedNotCached;
        } finally {
            lock.unlock();
        }
    }

    /** How many pages of memory have been taken from the system so far; they are used again, and freed by close. */
    public long allocatedPages() {
        lock.lock();
        try {
            return pages.allocated();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives each stripe of these runs a place, until {@link #unclaim} is called with the same runs.
     *
     * @return how many of them had none before
     */
    public int claim(List<RunWrite> runs) {
        lock.lock();
        try {
            int before = claimedNotCached;
            for (RunWrite run : runs) {
                for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
                    boolean first = claims.merge(at, 1, Integer::sum) == 1;
                    claimedNotCached += first && !stripes.containsKey(at) ? 1 : 0;
                }
            }
            return claimedNotCached - before;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the claim back; stripes that are cached by now keep their places. */
    public void unclaim(List<RunWrite> runs) {
        lock.lock();
        try {
            for (RunWrite run : runs) {
                for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
                    boolean last = claims.merge(at, -1, (count, by) -> count + by == 0 ? null : count + by) == null;
                    claimedNotCached -= last && !stripes.containsKey(at) ? 1 : 0;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps the new blocks of a run, which the journal has.
     *
     * @param lease covers the run's stripes
     * @param holds is asked, for each stripe that was not cached before, for what to run when it is written out
     */
    public void put(StripeLocks.Lease lease, RunWrite run, Supplier<Runnable> holds) {
        lease.require(run.stripes());
        lock.lock();
        try {
            for (int i = 0; i < run.stripeCount(); i++) {
                putStripe(run, i, holds);
            }
        } finally {
            lock.unlock();
        }
    }

    private void putStripe(RunWrite run, int stripeInRun, Supplier<Runnable> holds) {
        long stripeSector = run.stripeSector() + (long) stripeInRun * Sectors.PER_BLOCK;
        CachedStripe stripe = stripes.get(stripeSector);
        if (stripe == null) {
            stripe = new CachedStripe(stripeSector, geometry.dataDisks(), holds.get());
            stripes.put(stripeSector, stripe);
            claimedNotCached -= claims.containsKey(stripeSector) ? 1 : 0;
            bigStripeTree.add(run.row());
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment blocks = run.newData(index);
            if (blocks != null) {
                stripe.place(index, pages)
                        .copyFrom(blocks.asSlice((long) stripeInRun * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES));
            }
        }
        if (stripe.isFull()) {
            fullStripes.add(stripeSector);
        }
    }

    /**
     * Copies a part of a cached block.
     *
     * @return false where the block is not cached, so that its member has the newest bytes
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
     * Up to {@code most} cached stripes: those that came in first, and with each its neighbours in the chunk row, which
     * the members can write together with it.
     */
    public List<Long> oldest(int most) {
        lock.lock();
        try {
            LinkedHashSet<Long> chosen = new LinkedHashSet<>();
            for (Long stripeSector : stripes.keySet()) {
                if (chosen.size() >= most) {
                    break;
                }
                if (!chosen.contains(stripeSector)) {
                    addWithNeighbours(stripeSector, most, chosen);
                }
            }
            return List.copyOf(chosen);
        } finally {
            lock.unlock();
        }
    }

    private void addWithNeighbours(long stripeSector, int most, Set<Long> chosen) {
        long row = geometry.rowOfStripe(stripeSector);
        long endOfRow = (row + 1) * geometry.chunkSectors();
        for (long at = stripeSector; at < endOfRow && stripes.containsKey(at); at += Sectors.PER_BLOCK) {
            if (chosen.size() >= most || !chosen.add(at)) {
                break;
            }
        }
        long startOfRow = row * geometry.chunkSectors();
        for (long at = stripeSector - Sectors.PER_BLOCK;
                at >= startOfRow && stripes.containsKey(at) && chosen.size() < most && chosen.add(at);
                at -= Sectors.PER_BLOCK) {}
    }

    /**
     * Up to {@code most} stripes that have every data block, in ascending order from where the last call ended and
     * around: a sweep over the members, in which none is passed over for long.
     */
    public List<Long> full(int most) {
        lock.lock();
        try {
            List<Long> chosen = new ArrayList<>();
            for (Long stripeSector : fullStripes.tailSet(sweptTo)) {
                if (chosen.size() >= most) {
                    break;
                }
                chosen.add(stripeSector);
            }
            for (Long stripeSector : fullStripes.headSet(sweptTo)) {
                if (chosen.size() >= most) {
                    break;
                }
                chosen.add(stripeSector);
            }
            sweptTo = chosen.isEmpty() ? 0 : chosen.getLast() + Sectors.PER_BLOCK;
            return chosen;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The cached blocks of a range of stripes as runs, copied together into {@code target} as far as that has room.
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
                long end = Math.min(endOfAlike(first, range.endSector()), longestEnd);
                RunWrite run = gatherRun(first, end, target, usedBytes);
                if (run == null) {
                    return runs;
                }
                runs.add(run);
                usedBytes += run.bytesPerSlot() * run.writtenSlots();
                at = run.endStripeSector();
            }
            return runs;
        } finally {
            lock.unlock();
        }
    }

    private long endOfAlike(CachedStripe first, long endStripeSector) {
        long end = first.stripeSector() + Sectors.PER_BLOCK;
        for (CachedStripe next = stripes.get(end);
                end < endStripeSector && next != null && next.sameSlots(first);
                next = stripes.get(end)) {
            end += Sectors.PER_BLOCK;
        }
        return end;
    }

    private @Nullable RunWrite gatherRun(CachedStripe first, long endStripeSector, MemorySegment target, long from) {
        int slots = 0;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            slots += first.block(index) == null ? 0 : 1;
        }
        long room = (target.byteSize() - from) / ((long) slots * Sectors.BLOCK_BYTES);
        int count = (int) Math.min(room, (endStripeSector - first.stripeSector()) / Sectors.PER_BLOCK);
        if (count == 0) {
            return null;
        }
        List<@Nullable MemorySegment> columns = new ArrayList<>();
        long at = from;
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
                throw new IllegalStateException("a stripe that is held left the cache");
            }
            column.asSlice(at, Sectors.BLOCK_BYTES).copyFrom(block);
        }
    }

    /**
     * The run's stripes are on their members.
     *
     * @param lease covers them
     */
    public void remove(StripeLocks.Lease lease, RunWrite run) {
        lease.require(run.stripes());
        List<CachedStripe> removed = new ArrayList<>(run.stripeCount());
        lock.lock();
        try {
            for (long at = run.stripeSector(); at < run.endStripeSector(); at += Sectors.PER_BLOCK) {
                CachedStripe stripe = stripes.remove(at);
                if (stripe != null) {
                    fullStripes.remove(at);
                    claimedNotCached += claims.containsKey(at) ? 1 : 0;
                    stripe.giveBack(pages);
                    bigStripeTree.remove(run.row());
                    removed.add(stripe);
                }
            }
        } finally {
            lock.unlock();
        }
        removed.forEach(CachedStripe::writtenOut);
    }

    /** True where any of the stripes is cached. */
    public boolean holdsAny(StripeRange range) {
        lock.lock();
        try {
            for (long at = range.fromSector(); at < range.endSector() && !stripes.isEmpty(); at += Sectors.PER_BLOCK) {
                if (stripes.containsKey(at)) {
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
