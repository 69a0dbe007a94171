package io.mdfuse.raid.writepath;

import io.mdfuse.device.BufferPool;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes cached stripes out: from the journal to the members.
 *
 * <pre>
 *   stripes leased ──▶ parity made ──▶ Journal.append(PARITY), committed ──▶ members written ──▶ removed from the cache
 *      ──▶ members flushed ──▶ Journal.append(FLUSH) ──▶ lease closed
 * </pre>
 *
 * A crash before the commit leaves data-only stripes: replay writes the data and makes parity from all data of the
 * stripe. A crash after it: replay writes data and parity as logged. The FLUSH record spares the next replay the
 * stripe, so it is written only after a flush of the members; without it the stripe is just written again.
 *
 * <p>If the journal has failed, nothing can be logged any more: parity and data go to the members directly, with the
 * array marked dirty. If power fails in the middle, data and parity may be inconsistent although the log, if it can be
 * read then, does not show it. So all parity is made anew from the data or, if a member is missing, the doubt is
 * reported.
 */
final class WriteOut implements AutoCloseable {
    private static final int SPAN_BYTES = 2 << 20;
    private static final int WORK_BYTES = 1 << 20;
    /** How many runs have their old blocks loaded while parity is made: as many requests as a disk may queue. */
    private static final int RUNS_AHEAD = 16;
    /** For two batches, and for a request that writes out its own stripes. */
    private static final int BUFFERS = 3;

    private final JournalParts parts;
    private final ArrayGeometry geometry;
    private final StripeCache cache;
    private final Journal journal;
    private final BufferPool buffers;
    private final int spanBytes;
    private final int maxStripesInRun;
    /** Held while a batch chooses its stripes and acquires them, so that no two batches choose the same. */
    private final RankedLock choosing = new RankedLock(LockRank.WRITE_OUT_BATCH);

    WriteOut(JournalParts parts) {
        this.parts = parts;
        this.geometry = parts.geometry();
        this.cache = parts.stripes().cache();
        this.journal = parts.journal();
        // One batch is one append: its parity pages and meta blocks must fit the largest append of the journal.
        // If that is less than one stripe, admission admits no more stripes than their parity fits.
        int parityCount = geometry.layout().parityCount();
        long mostPages = journal.largestAppendSectors() / Sectors.PER_BLOCK / (1 + parityCount);
        long mostBytes = Math.min(SPAN_BYTES, geometry.arrayBytes());
        this.spanBytes = (int) Math.min(mostBytes, Math.max(geometry.dataDisks(), mostPages) * Sectors.BLOCK_BYTES);
        this.maxStripesInRun = geometry.stripesInRun(WORK_BYTES);
        int workBytes = maxStripesInRun * geometry.raidDisks() * Sectors.BLOCK_BYTES;
        this.buffers = new BufferPool((1 + parityCount) * spanBytes + workBytes, BUFFERS);
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
    void writeOutLeased(StripeLocks.Lease lease, StripeRange range) throws IOException {
        lease.require(range);
        for (long at = range.fromSector(); at < range.endSector(); ) {
            long end = Math.min(range.endSector(), endOfRow(at));
            StripeRange inRow = new StripeRange(at, end);
            while (cache.containsAny(inRow)) {
                try (BufferPool.Lease buffer = buffers.acquire()) {
                    MemorySegment span = buffer.segment().asSlice(0, spanBytes);
                    write(lease, cache.gather(lease, inRow, span, maxStripesInRun), buffer.segment());
                }
            }
            at = end;
        }
    }

    /**
     * Writes out some stripes, as many as fit one batch. It skips those that are no longer cached, and, after the first
     * range, those that another thread has a lease on or waits for. Several threads may each write out a batch at the
     * same time.
     *
     * @param choice chooses the stripes, in any order; called while no other batch chooses
     * @param withFlushRecords whether FLUSH records may be worth a flush of the members; they are written only if no
     *     request came during the batch, so that none has to compete with that flush, and if the log has spare space
     * @return false if no stripe was chosen
     */
    boolean writeOut(Supplier<List<Long>> choice, boolean withFlushRecords) throws IOException {
        long admissionsBefore = parts.admission().admissions();
        try (Batch batch = begin(choice)) {
            if (batch == null) {
                return false;
            }
            write(batch.lease, batch.runs, batch.buffer.segment());
            boolean idle = parts.admission().waitingRequests() == 0
                    && parts.admission().admissions() == admissionsBefore;
            if (withFlushRecords && idle && !batch.runs.isEmpty() && !journal.hasFailed()) {
                recordFlushed(batch.runs);
            }
            return true;
        }
    }

    /** Stripes that are written out together: their lease, their new blocks, and the memory of these. */
    private record Batch(BufferPool.Lease buffer, StripeLocks.Lease lease, List<RunWrite> runs)
            implements AutoCloseable {
        @Override
        public void close() {
            lease.close();
            buffer.close();
        }
    }

    private @Nullable Batch begin(Supplier<List<Long>> choice) {
        choosing.lock();
        try {
            List<Long> ascending = choice.get().stream().sorted().toList();
            if (ascending.isEmpty()) {
                return null;
            }
            return begin(ascending, buffers.acquire());
        } finally {
            choosing.unlock();
        }
    }

    private Batch begin(List<Long> ascending, BufferPool.Lease buffer) {
        StripeLocks.Lease lease = parts.stripes().locks().lock(neighbours(ascending, 0));
        try {
            return new Batch(
                    buffer, lease, gather(lease, ascending, buffer.segment().asSlice(0, spanBytes)));
        } catch (RuntimeException | Error e) {
            lease.close();
            buffer.close();
            throw e;
        }
    }

    /** Copies the blocks of the stripes into the span, as far as they fit; the lease has the first neighbours. */
    private List<RunWrite> gather(StripeLocks.Lease lease, List<Long> ascending, MemorySegment span) {
        List<RunWrite> runs = new ArrayList<>();
        long usedBytes = 0;
        for (int i = 0; i < ascending.size(); ) {
            StripeRange range = neighbours(ascending, i);
            boolean leased = i == 0 || lease.tryAdd(range);
            i += (int) range.stripeCount();
            if (!leased) {
                continue;
            }
            List<RunWrite> gathered = cache.gather(lease, range, span.asSlice(usedBytes), maxStripesInRun);
            if (gathered.isEmpty() && cache.containsAny(range)) {
                break;
            }
            runs.addAll(gathered);
            usedBytes += gathered.stream()
                    .mapToLong(run -> run.bytesPerSlot() * run.writtenSlots())
                    .sum();
        }
        return runs;
    }

    private long endOfRow(long stripeSector) {
        return (geometry.rowOfStripe(stripeSector) + 1) * geometry.chunkSectors();
    }

    /** The stripe at an index and its neighbours in one chunk row, which are locked as one range. */
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
        try {
            makeParity(lease, runs, buffer);
            if (journal.hasFailed()) {
                writeUnlogged(lease, runs);
            } else {
                LogTicket ticket = log(runs);
                writeMembers(lease, runs);
                parts.reclaimer().release(ticket);
            }
        } finally {
            cache.failWriteOut(lease, runs);
        }
    }

    private void makeParity(StripeLocks.Lease lease, List<RunWrite> runs, MemorySegment buffer) throws IOException {
        boolean hasQ = geometry.layout().parityCount() == 2;
        MemorySegment work = buffer.asSlice((hasQ ? 3L : 2L) * spanBytes);
        long parityAt = spanBytes;
        ParityMaker parityMaker = parts.stripes().parityMaker();
        for (int i = 0; i < runs.size(); i++) {
            RunWrite run = runs.get(i);
            for (int next = i == 0 ? 0 : i + RUNS_AHEAD; next <= i + RUNS_AHEAD && next < runs.size(); next++) {
                parityMaker.announce(runs.get(next));
            }
            long length = run.bytesPerSlot();
            MemorySegment q = hasQ ? buffer.asSlice(parityAt + spanBytes, length) : null;
            parityMaker.make(lease, run, buffer.asSlice(parityAt, length), q, work);
            parityAt += length;
        }
    }

    private void writeUnlogged(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        parts.dirtyMarker().begin();
        try {
            writeMembers(lease, runs);
        } finally {
            parts.dirtyMarker().end();
        }
    }

    private void writeMembers(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        parts.writeMembers(lease, runs);
        runs.forEach(run -> cache.remove(lease, run));
    }

    /** Writes out until the cache is empty. No request is admitted meanwhile, or none is accepted any more. */
    void writeOutAll() throws IOException {
        while (cache.size() > 0) {
            if (!writeOut(() -> cache.oldest(WriteOutPolicy.GROUP * 4), false)) {
                awaitBatches();
            }
        }
    }

    /** Waits for the batches that are written out by other threads: each has a lease until it ends. */
    private void awaitBatches() {
        parts.stripes().locks().lockAll().close();
    }

    /** The log's free space in relation to the log space that writing out the cache would take. */
    LogPressure pressure() {
        long need = LogPressure.needSectors(
                cache.size(), geometry.raidDisks(), geometry.layout().parityCount());
        return LogPressure.of(journal.freeSectors(), need);
    }

    private LogTicket log(List<RunWrite> runs) throws IOException {
        LogTicket ticket =
                parts.reclaimer().append(runs.stream().map(RunWrite::parityOnly).toList());
        journal.commit(ticket);
        return ticket;
    }

    private void recordFlushed(List<RunWrite> runs) throws IOException {
        parts.members().flush();
        long[] stripeSectors = runs.stream()
                .flatMapToLong(run ->
                        LongStream.range(0, run.stripeCount()).map(i -> run.stripeSector() + i * Sectors.PER_BLOCK))
                .toArray();
        long sectors = Journal.sectorsForFlush(stripeSectors.length);
        CacheAdmission admission = parts.admission();
        if (!admission.tryReserveSpare(sectors)) {
            return;
        }
        try {
            journal.reserveHostSpace(admission.reservedSectors());
            LogTicket ticket = journal.tryAppendFlush(stripeSectors);
            if (ticket != null) {
                journal.release(ticket);
            }
        } catch (NoSpaceException e) {
            // The record only saves work.
            return;
        } finally {
            admission.releaseSpare(sectors);
        }
    }

    @Override
    public void close() {
        buffers.close();
    }
}
