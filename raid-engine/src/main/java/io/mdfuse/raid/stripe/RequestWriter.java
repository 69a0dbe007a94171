package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Turns a write of any offset and length into runs of whole blocks, and commits them under a lease on their stripes.
 *
 * <ol>
 *   <li>The request is cut into pieces that fit the buffers and the journal.
 *   <li>A piece that does not begin and end at a block boundary is widened to whole blocks. The blocks are cut into
 *       runs.
 *   <li>{@link RunCommit} admits the piece; then its stripes are locked.
 *   <li>The edge blocks of a widened piece are read, and the new bytes copied over them.
 *   <li>{@link RunCommit} logs the runs, or writes them with their parity.
 * </ol>
 */
public final class RequestWriter implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final StripeParts parts;
    private final RunSplitter splitter;
    private final WriteBuffers writeBuffers;
    private final int maxRequestBytes;
    private final RunCommit commit;

    /**
     * Creates a writer whose runs go to {@code commit}.
     *
     * @param maxRequestBytes the longest piece; a multiple of 4096
     * @param requests how many requests are served at the same time; more wait
     */
    public RequestWriter(StripeParts parts, int maxRequestBytes, int requests, RunCommit commit) {
        this.parts = parts;
        this.geometry = parts.geometry();
        this.writeBuffers = new WriteBuffers(geometry, maxRequestBytes, requests);
        this.splitter = new RunSplitter(geometry, writeBuffers.maxStripesInRun());
        this.maxRequestBytes = maxRequestBytes;
        this.commit = commit;
    }

    /** Writes {@code source} at {@code offsetBytes} of the volume; the range lies within the volume. */
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        long done = 0;
        while (done < source.byteSize()) {
            // Widened to whole blocks, a piece is no longer than the limit: one block more might never be admitted.
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
                    mergeEdges(lease, blocks, fromSector, (int) (offsetBytes - fromBytes), source);
                }
                commit.commit(lease, runs, new RequestParity(lease, buffers));
                parts.parityMaker().written(lease, runs);
            }
        }
    }

    /** Makes the parity of the runs of one request, one after the other in the request's buffers. */
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
            parts.parityMaker()
                    .make(
                            lease,
                            run,
                            buffers.p(usedBytes, run.bytesPerSlot()),
                            buffers.q(usedBytes, run.bytesPerSlot()),
                            buffers.work());
            usedBytes += run.bytesPerSlot();
        }
    }

    /** Locks only the written stripes of a single chunk, so that neighbours proceed side by side; else whole rows. */
    private StripeLocks.Lease lockStripes(long fromSector, long endSector) {
        long lastSector = endSector - 1;
        int chunk = geometry.chunkSectors();
        if (fromSector / chunk == lastSector / chunk) {
            long fromStripe = geometry.stripeSectorOf(fromSector);
            return parts.locks().lock(new StripeRange(fromStripe, fromStripe + (endSector - fromSector)));
        }
        return parts.locks()
                .lock(new StripeRange(geometry.rowOf(fromSector) * chunk, (geometry.rowOf(lastSector) + 1) * chunk));
    }

    /** Reads the first and last block if the request covers them in part, and copies the request over them. */
    private void mergeEdges(
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
        if (!parts.cache().read(stripeSector, geometry.dataIndexOf(arraySector), 0, target)) {
            parts.reader().read(lease, geometry.slotOf(arraySector), Sectors.toBytes(stripeSector), target);
        }
    }

    @Override
    public void close() {
        writeBuffers.close();
    }
}
