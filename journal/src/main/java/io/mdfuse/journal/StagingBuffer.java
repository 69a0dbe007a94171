package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One batch: meta blocks and pages, in memory exactly as they are written to the ring. The class is separate from
 * {@link GroupCommit} because it knows the format and nothing about threads.
 *
 * <p>A batch is filled under the journal's lock. The thread that leads the group commit then seals and writes it
 * without that lock. A new meta block is opened if the current one has no space for the next payload. It stays open for
 * the appends that follow, so small requests of several threads share one.
 *
 * <p>The end of the process leaves the complete batch or nothing of it. Either all of it is one write past the host's
 * page cache, or the first meta block is written last: until then the ring contains an older block at its position, or
 * no valid one, and a scan ends there. (A power failure may still tear the batch, since the device is not flushed in
 * between; the checksums of the pages show that.)
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
     * @param first the position and sequence at which the first batch begins
     */
    StagingBuffer(LogArea area, Arena arena, int capacityBytes, LogPosition first) {
        this.area = area;
        // Most batches are small, so most of the memory is never touched.
        this.memory = UntouchedMemory.allocate(arena, capacityBytes);
        this.meta = new MetaBlockWriter(memory);
        this.metaOffsets = new int[capacityBytes / Sectors.BLOCK_BYTES];
        this.first = first;
    }

    /** Discards the content and begins an empty batch at {@code first}. */
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

    /** The position and the sequence of the meta block that will follow this batch. */
    LogPosition end() {
        return new LogPosition(area.add(first.sector(), lengthSectors()), first.sequence() + metaCount);
    }

    /** The last meta block of the batch, which must not be empty. */
    LogPosition newestMetaBlock() {
        return positionOf(metaCount - 1);
    }

    /** Appends all runs of one request. Returns the meta block that describes the first stripe. */
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

    /** Appends a FLUSH payload for each of these stripes. Returns the meta block that contains the first one. */
    LogPosition appendFlush(long[] stripeSectors) {
        int firstMeta = -1;
        for (long stripeSector : stripeSectors) {
            ensureMetaBlock(MetaBlockLayout.FLUSH_ONE_BYTES);
            firstMeta = firstMeta < 0 ? metaCount - 1 : firstMeta;
            meta.putFlush(stripeSector);
        }
        return positionOf(firstMeta);
    }

    /** Appends a meta block without payloads; later appends begin a new one. Returns its position. */
    LogPosition appendEmpty() {
        openMetaBlock();
        metaOpen = false;
        return newestMetaBlock();
    }

    /** Computes and stores the checksums of the meta blocks. Nothing may be appended afterwards. */
    void seal(LogChecksum checksum) {
        for (int i = 0; i < metaCount; i++) {
            meta.seal(metaOffsets[i], checksum);
        }
    }

    /** Writes the sealed batch to its position in the ring, its first block last. Does not flush. */
    void writeTo(LogArea ring) throws DeviceException {
        if (lengthBytes > Sectors.BLOCK_BYTES) {
            ring.write(
                    ring.add(first.sector(), Sectors.PER_BLOCK),
                    memory.asSlice(Sectors.BLOCK_BYTES, lengthBytes - Sectors.BLOCK_BYTES));
        }
        ring.write(first.sector(), memory.asSlice(0, Sectors.BLOCK_BYTES));
    }

    /** As {@link #writeTo}, for a flush that follows at once: past the host's page cache if that is possible. */
    void writeForFlush(LogArea ring) throws DeviceException {
        if (!ring.tryWritePastCache(first.sector(), memory.asSlice(0, lengthBytes))) {
            writeTo(ring);
        }
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
