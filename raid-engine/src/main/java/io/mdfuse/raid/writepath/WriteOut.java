package io.mdfuse.raid.writepath;

import io.mdfuse.device.BufferPool;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The second phase of a cached stripe: from the journal to the members.
 *
 * <pre>
 *   stripes held ──▶ parity made ──▶ Journal.append(PARITY), committed ──▶ members written ──▶ out of the cache
 *      ──▶ members flushed ──▶ Journal.append(FLUSH) ──▶ stripes released
 * </pre>
 *
 * A crash before the commit finds data only: replay writes it and makes parity from all data of the stripe. After it:
 * replay writes data and parity as logged. The FLUSH record spares the next replay the stripe, and so may only be
 * written once the members are flushed; without it the stripe is just written again.
 *
 * <p>Where the journal has failed nothing can be logged any more, and parity and data go to the members at once, with
 * the array marked dirty: should power fail in the middle, data and parity may not belong together though the log, if
 * it can be read then, looks as if they did. So all parity is made anew from the data, or where a member is missing,
 * the doubt is said.
 */
final class WriteOut implements AutoCloseable {
    private static final int SPAN_BYTES = 2 << 20;
    private static final int WORK_BYTES = 1 << 20;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final StripeCache cache;
    private final ParityMaker parityMaker;
    private final MemberWriter memberWriter;
    private final Reclaimer reclaimer;
    private final CacheAdmission admission;
    private final Journal journal;
    private final DirtyMarker dirtyMarker;
    private final BufferPool buffers;
    private final int spanBytes;
    private final int maxStripesInRun;
    /** One batch at a time: a buffer is always left for requests that write out what they hold. */
    private final ReentrantLock batches = new ReentrantLock();

    WriteOut(
            ArrayGeometry geometry,
            MemberSet members,
            StripeLocks locks,
            StripeCache cache,
            ParityMaker parityMaker,
            Reclaimer reclaimer,
            CacheAdmission admission,
            Journal journal,
            DirtyMarker dirtyMarker) {
        this.geometry = geometry;
        this.members = members;
        this.locks = locks;
        this.cache = cache;
        this.parityMaker = parityMaker;
        this.memberWriter = new MemberWriter(geometry, members);
        this.reclaimer = reclaimer;
        this.admission = admission;
        this.journal = journal;
        this.dirtyMarker = dirtyMarker;
        // One batch is one append: its parity pages and meta blocks must fit what the journal takes at once.
        // Where that is less than one stripe, admission lets no more stripes in than their parity fits.
        int parityCount = geometry.layout().parityCount();
        long mostPages = journal.largestAppendSectors() / Sectors.PER_BLOCK / (1 + parityCount);
        this.spanBytes = (int) Math.min(SPAN_BYTES, Math.max(geometry.dataDisks(), mostPages) * Sectors.BLOCK_BYTES);
        this.maxStripesInRun = Math.max(1, WORK_BYTES / (geometry.raidDisks() * Sectors.BLOCK_BYTES));
        int workBytes = maxStripesInRun * geometry.raidDisks() * Sectors.BLOCK_BYTES;
        this.buffers = new BufferPool((1 + parityCount) * spanBytes + workBytes, 2);
    }

    /** How many stripes that have every data block fit one batch. */
    int fullStripesInBatch() {
        return Math.max(1, spanBytes / (geometry.dataDisks() * Sectors.BLOCK_BYTES));
    }

    /**
     * Writes out the cached stripes of a range.
     *
     * @param lease covers the range
     */
    void writeOutHeld(StripeLocks.Lease lease, StripeRange range) throws IOException {
        lease.require(range);
        for (long at = range.fromSector(); at < range.endSector(); ) {
            long end = Math.min(range.endSector(), endOfRow(at));
            StripeRange inRow = new StripeRange(at, end);
            while (cache.holdsAny(inRow)) {
                try (BufferPool.Lease buffer = buffers.acquire()) {
                    MemorySegment span = buffer.segment().asSlice(0, spanBytes);
                    write(lease, cache.gather(lease, inRow, span, maxStripesInRun), buffer.segment());
                }
            }
            at = end;
        }
    }

    /**
     * Writes out some of these stripes, as many as fit one batch; those that left the cache meanwhile are passed over,
     * and but for the first ones so are those that somebody holds or waits for.
     *
     * @param stripeSectors in any order
     * @param withFlushRecords whether they may be worth their flush of the members; written where the log has room to
     *     spare
     */
    void writeOut(List<Long> stripeSectors, boolean withFlushRecords) throws IOException {
        List<Long> ascending = stripeSectors.stream().sorted().toList();
        if (ascending.isEmpty()) {
            return;
        }
        batches.lock();
        try (BufferPool.Lease buffer = buffers.acquire();
                StripeLocks.Lease lease = locks.lock(neighbours(ascending, 0))) {
            List<RunWrite> runs = new ArrayList<>();
            long usedBytes = 0;
            for (int i = 0; i < ascending.size(); ) {
                StripeRange range = neighbours(ascending, i);
                boolean leased = i == 0 || lease.tryAdd(range);
                i += (int) range.stripeCount();
                if (!leased) {
                    continue;
                }
                MemorySegment room = buffer.segment().asSlice(usedBytes, spanBytes - usedBytes);
                List<RunWrite> gathered = cache.gather(lease, range, room, maxStripesInRun);
                if (gathered.isEmpty() && cache.holdsAny(range)) {
                    break;
                }
                runs.addAll(gathered);
                usedBytes += gathered.stream()
                        .mapToLong(run -> run.bytesPerSlot() * run.writtenSlots())
                        .sum();
            }
            write(lease, runs, buffer.segment());
            if (withFlushRecords && !runs.isEmpty() && !journal.failed()) {
                recordFlushed(runs);
            }
        } finally {
            batches.unlock();
        }
    }

    private long endOfRow(long stripeSector) {
        return (geometry.rowOfStripe(stripeSector) + 1) * geometry.chunkSectors();
    }

    /** The stripe of an index and its neighbours in one chunk row, which are locked as one range. */
    private StripeRange neighbours(List<Long> ascending, int from) {
        long endOfRow = endOfRow(ascending.get(from));
        int end = from + 1;
        while (end < ascending.size()
                && ascending.get(end) < endOfRow
                && ascending.get(end) == ascending.get(end - 1) + Sectors.PER_BLOCK) {
            end++;
        }
        return new StripeRange(ascending.get(from), ascending.get(end - 1) + Sectors.PER_BLOCK);
    }

    private void write(StripeLocks.Lease lease, List<RunWrite> runs, MemorySegment buffer) throws IOException {
        if (runs.isEmpty()) {
            return;
        }
        boolean hasQ = geometry.layout().parityCount() == 2;
        MemorySegment work = buffer.asSlice((hasQ ? 3L : 2L) * spanBytes);
        long parityAt = spanBytes;
        for (RunWrite run : runs) {
            long length = run.bytesPerSlot();
            MemorySegment q = hasQ ? buffer.asSlice(parityAt + spanBytes, length) : null;
            parityMaker.make(lease, run, buffer.asSlice(parityAt, length), q, work);
            parityAt += length;
        }
        if (journal.failed()) {
            dirtyMarker.begin();
            try {
                writeMembers(lease, runs);
            } finally {
                dirtyMarker.end();
            }
            return;
        }
        LogTicket ticket = log(runs);
        writeMembers(lease, runs);
        reclaimer.release(ticket);
    }

    private void writeMembers(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        try {
            memberWriter.write(lease, runs);
        } catch (IOException e) {
            reclaimer.breakOff(e);
            throw e;
        }
        runs.forEach(run -> cache.remove(lease, run));
    }

    /** Writes out until nothing is cached; nobody else is in. */
    void writeOutAll() throws IOException {
        while (cache.size() > 0) {
            writeOut(cache.oldest(WriteOutPolicy.GROUP * 4), false);
        }
    }

    /** How short the log is of what writing out the whole cache would take. */
    LogPressure pressure() {
        long need = LogPressure.needSectors(
                cache.size(), geometry.raidDisks(), geometry.layout().parityCount());
        return LogPressure.of(journal.freeSectors(), need);
    }

    private LogTicket log(List<RunWrite> runs) throws IOException {
        LogTicket ticket =
                reclaimer.append(runs.stream().map(RunWrite::parityOnly).toList());
        journal.commit(ticket);
        return ticket;
    }

    private void recordFlushed(List<RunWrite> runs) throws IOException {
        members.flush();
        long[] stripeSectors = runs.stream()
                .flatMapToLong(run -> java.util.stream.LongStream.range(0, run.stripeCount())
                        .map(i -> run.stripeSector() + i * Sectors.PER_BLOCK))
                .toArray();
        long sectors = Journal.sectorsForFlush(stripeSectors.length);
        if (!admission.takeSpare(sectors)) {
            return;
        }
        try {
            journal.reserve(admission.promisedSectors());
            LogTicket ticket = journal.tryAppendFlush(stripeSectors);
            if (ticket != null) {
                journal.release(ticket);
            }
        } catch (NoSpaceException e) {
            // The record only saves work.
            return;
        } finally {
            admission.giveSpare(sectors);
        }
    }

    @Override
    public void close() {
        buffers.close();
    }
}
