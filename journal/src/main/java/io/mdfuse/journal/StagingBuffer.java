package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One batch: meta blocks and pages, laid out in memory exactly as they will lie in the ring. Its class lives apart from
 * {@link GroupCommit} because it knows blocks and no threads.
 *
 * <p>A batch is filled under the journal's lock, and sealed and written by the one thread that took it. Meta blocks are
 * opened as needed and stay open for whoever comes next, so small requests of many threads share one.
 *
 * <p>The first meta block is written last. Until then the ring holds an older block in its place, or none, and a
 * scanner stops there: a process that is killed in the middle of {@link #writeTo} leaves the whole batch or nothing of
 * it. (A power failure may still tear the batch, since nothing is flushed between; page checksums tell.)
 */
final class StagingBuffer {
    private final LogArea area;
    private final MemorySegment memory;
    private final MetaBlockWriter meta;
    private final int[] metaOffsets;

    private LogPosition first;
    private int lengthBytes;
    private int metaCount;
    private boolean metaOpen;

    /**
     * @param capacityBytes a multiple of 4096
     * @param first where the first batch will begin
     */
    StagingBuffer(LogArea area, Arena arena, int capacityBytes, LogPosition first) {
        this.area = area;
        this.memory = arena.allocate(capacityBytes, Sectors.BLOCK_BYTES);
        this.meta = new MetaBlockWriter(memory);
        this.metaOffsets = new int[capacityBytes / Sectors.BLOCK_BYTES];
        this.first = first;
    }

    /** Forgets what it held and begins an empty batch at {@code first}. */
    void begin(LogPosition first) {
        this.first = first;
        lengthBytes = 0;
        metaCount = 0;
        metaOpen = false;
    }

    boolean isEmpty() {
        return lengthBytes == 0;
    }

    long capacitySectors() {
        return Sectors.floorFromBytes(memory.byteSize());
    }

    long lengthSectors() {
        return Sectors.floorFromBytes(lengthBytes);
    }

    boolean hasSpaceFor(long sectors) {
        return Sectors.toBytes(sectors) <= memory.byteSize() - lengthBytes;
    }

    /** Where the block after this batch goes, and its sequence. */
    LogPosition end() {
        return new LogPosition(area.add(first.sector(), lengthSectors()), first.sequence() + metaCount);
    }

    /** The last meta block of a batch that is not empty. */
    LogPosition newestMetaBlock() {
        return positionOf(metaCount - 1);
    }

    /** Lays down all runs of one request. The answer is the meta block that holds the first stripe. */
    LogPosition appendRuns(List<StripeRun> runs, int[] checksums) {
        int firstMeta = -1;
        int page = 0;
        for (StripeRun run : runs) {
            int payloadBytes = RequestSize.payloadBytesPerStripe(run);
            for (int stripe = 0; stripe < run.stripeCount(); stripe++) {
                ensureMetaBlock(payloadBytes);
                firstMeta = firstMeta < 0 ? metaCount - 1 : firstMeta;
                page = appendStripe(run, stripe, checksums, page);
            }
        }
        return positionOf(firstMeta);
    }

    /** Lays down the word that these stripes are on the members. */
    LogPosition appendFlush(long[] stripeSectors) {
        int firstMeta = -1;
        for (long stripeSector : stripeSectors) {
            ensureMetaBlock(MetaBlockLayout.FLUSH_ONE_BYTES);
            firstMeta = firstMeta < 0 ? metaCount - 1 : firstMeta;
            meta.putFlush(stripeSector);
        }
        return positionOf(firstMeta);
    }

    /** Lays down a meta block that says nothing, and that nothing joins. */
    LogPosition appendEmpty() {
        openMetaBlock();
        metaOpen = false;
        return newestMetaBlock();
    }

    /** Computes the checksums of the meta blocks. Nothing may be appended afterwards. */
    void seal(LogChecksum checksum) {
        for (int i = 0; i < metaCount; i++) {
            meta.seal(metaOffsets[i], checksum);
        }
    }

    /** Writes the sealed batch to its place in the ring, its first block last. Flushes nothing. */
    void writeTo(LogArea ring) throws DeviceException {
        if (lengthBytes > Sectors.BLOCK_BYTES) {
            ring.write(
                    ring.add(first.sector(), Sectors.PER_BLOCK),
                    memory.asSlice(Sectors.BLOCK_BYTES, lengthBytes - Sectors.BLOCK_BYTES));
        }
        ring.write(first.sector(), memory.asSlice(0, Sectors.BLOCK_BYTES));
    }

    private int appendStripe(StripeRun run, int stripe, int[] checksums, int firstPage) {
        long offsetBytes = (long) stripe * Sectors.BLOCK_BYTES;
        long stepSectors = (long) stripe * Sectors.PER_BLOCK;
        int page = firstPage;
        for (DataColumn data : run.data()) {
            meta.putData(data.arraySector() + stepSectors, checksums[page++]);
            appendPage(data.pages(), offsetBytes);
        }
        MemorySegment p = run.p();
        MemorySegment q = run.q();
        if (p != null && q != null) {
            meta.putParity(run.stripeSector() + stepSectors, checksums[page], checksums[page + 1]);
            appendPage(p, offsetBytes);
            appendPage(q, offsetBytes);
            page += 2;
        } else if (p != null) {
            meta.putParity(run.stripeSector() + stepSectors, checksums[page++]);
            appendPage(p, offsetBytes);
        }
        return page;
    }

    private void appendPage(MemorySegment pages, long offsetBytes) {
        MemorySegment.copy(pages, offsetBytes, memory, lengthBytes, Sectors.BLOCK_BYTES);
        lengthBytes += Sectors.BLOCK_BYTES;
    }

    private void ensureMetaBlock(int payloadBytes) {
        if (!metaOpen || !meta.fits(payloadBytes)) {
            openMetaBlock();
        }
    }

    private void openMetaBlock() {
        meta.begin(lengthBytes, end());
        metaOffsets[metaCount++] = lengthBytes;
        lengthBytes += Sectors.BLOCK_BYTES;
        metaOpen = true;
    }

    private LogPosition positionOf(int metaIndex) {
        long sectors = Sectors.floorFromBytes(metaOffsets[metaIndex]);
        return new LogPosition(area.add(first.sector(), sectors), first.sequence() + metaIndex);
    }
}
