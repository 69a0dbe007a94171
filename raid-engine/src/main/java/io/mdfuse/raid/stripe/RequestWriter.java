package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Takes a write of any offset and length to runs of whole blocks, while it holds the stripes.
 *
 * <ol>
 *   <li>The request is cut so that no piece needs more memory, or more journal, than there is.
 *   <li>A piece that does not begin and end on a block is widened to whole blocks, and cut into runs.
 *   <li>{@link RunCommit} admits it, and its stripes are locked.
 *   <li>The edges of a widened piece are read and the new bytes laid over them.
 *   <li>{@link RunCommit} makes the runs safe, with parity or without.
 * </ol>
 */
public final class RequestWriter implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final StripeCache stripeCache;
    private final ParityMaker parityMaker;
    private final RunSplitter splitter;
    private final WriteBuffers writeBuffers;
    private final int maxRequestBytes;
    private final RunCommit commit;

    /**
     * Makes a writer whose runs go to {@code commit}.
     *
     * @param maxRequestBytes the longest piece; a multiple of 4096
     * @param requests how many requests may be under way at once; more wait
     */
    public RequestWriter(
            ArrayGeometry geometry,
            StripeLocks locks,
            ParityMaker parityMaker,
            StripeReader stripeReader,
            StripeCache stripeCache,
            int maxRequestBytes,
            int requests,
            RunCommit commit) {
        this.geometry = geometry;
        this.locks = locks;
        this.stripeReader = stripeReader;
        this.stripeCache = stripeCache;
        this.parityMaker = parityMaker;
        this.writeBuffers =
                new WriteBuffers(geometry.raidDisks(), geometry.layout().parityCount(), maxRequestBytes, requests);
        this.splitter = new RunSplitter(geometry, writeBuffers.maxStripesInRun());
        this.maxRequestBytes = maxRequestBytes;
        this.commit = commit;
    }

    /** Writes {@code source} at {@code offsetBytes} of the volume; the range lies within the volume. */
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        long done = 0;
        while (done < source.byteSize()) {
            // Widened to whole blocks it is still no longer than that: a block more might never be let in.
            long untilEnd = maxRequestBytes - (offsetBytes + done) % Sectors.BLOCK_BYTES;
            long pieceBytes = Math.min(untilEnd, source.byteSize() - done);
            writePiece(offsetBytes + done, source.asSlice(done, pieceBytes));
            done += pieceBytes;
        }
    }

    private void writePiece(long offsetBytes, MemorySegment source) throws IOException {
        long fromBytes = Sectors.roundDown(offsetBytes, Sectors.BLOCK_BYTES);
        long endBytes = Sectors.roundUp(offsetBytes + source.byteSize(), Sectors.BLOCK_BYTES);
        long fromSector = fromBytes / Sectors.BYTES;
        boolean widened = source.byteSize() != endBytes - fromBytes;
        try (WriteBuffers.Buffers buffers = writeBuffers.acquire()) {
            MemorySegment blocks = widened ? buffers.span(endBytes - fromBytes) : source;
            List<RunWrite> runs = splitter.split(fromSector, blocks);
            try (RunCommit.Admission _ = commit.admit(runs);
                    StripeLocks.Lease lease = lockStripes(fromSector, endBytes / Sectors.BYTES)) {
                if (widened) {
                    layOver(lease, blocks, fromSector, (int) (offsetBytes - fromBytes), source);
                }
                commit.commit(lease, runs, new RequestParity(lease, buffers));
                parityMaker.written(lease, runs);
            }
        }
    }

    /** Gives the runs of one request their parity, one behind the other in its memory. */
    private final class RequestParity implements RunCommit.ParityWork {
        private final StripeLocks.Lease lease;
        private final WriteBuffers.Buffers buffers;
        private long usedBytes;

        RequestParity(StripeLocks.Lease lease, WriteBuffers.Buffers buffers) {
            this.lease = lease;
            this.buffers = buffers;
        }

        @Override
        public void make(RunWrite run) throws IOException {
            parityMaker.make(
                    lease,
                    run,
                    buffers.p(usedBytes, run.bytesPerSlot()),
                    buffers.q(usedBytes, run.bytesPerSlot()),
                    buffers.work());
            usedBytes += run.bytesPerSlot();
        }
    }

    /** Within one chunk just its stripes, so that neighbours in the same chunk go on side by side; else whole rows. */
    private StripeLocks.Lease lockStripes(long fromSector, long endSector) {
        long lastSector = endSector - 1;
        int chunk = geometry.chunkSectors();
        if (fromSector / chunk == lastSector / chunk) {
            long fromStripe = geometry.stripeSectorOf(fromSector);
            return locks.lock(new StripeRange(fromStripe, fromStripe + (endSector - fromSector)));
        }
        return locks.lock(
                new StripeRange(geometry.rowOf(fromSector) * chunk, (geometry.rowOf(lastSector) + 1) * chunk));
    }

    /** Fills the first and last block from the array where the request leaves a part of them as it is. */
    private void layOver(
            StripeLocks.Lease lease, MemorySegment blocks, long fromSector, int headBytes, MemorySegment source)
            throws IOException {
        int block = Sectors.BLOCK_BYTES;
        long tailFrom = blocks.byteSize() - block;
        boolean tailIsPartial = headBytes + source.byteSize() < blocks.byteSize();
        if (headBytes > 0 || (tailFrom == 0 && tailIsPartial)) {
            readBlock(lease, fromSector, blocks.asSlice(0, block));
        }
        if (tailFrom > 0 && tailIsPartial) {
            readBlock(lease, fromSector + tailFrom / Sectors.BYTES, blocks.asSlice(tailFrom, block));
        }
        blocks.asSlice(headBytes, source.byteSize()).copyFrom(source);
    }

    private void readBlock(StripeLocks.Lease lease, long arraySector, MemorySegment target) throws IOException {
        long stripeSector = geometry.stripeSectorOf(arraySector);
        if (!stripeCache.read(stripeSector, geometry.dataIndexOf(arraySector), 0, target)) {
            stripeReader.read(lease, geometry.slotOf(arraySector), Sectors.toBytes(stripeSector), target);
        }
    }

    @Override
    public void close() {
        writeBuffers.close();
    }
}
