package io.mdfuse.raid.stripe;

import io.mdfuse.device.BufferPool;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The native memory of write requests. A request acquires all it needs as one buffer, so that no two requests can each
 * have half of it and wait for the other half.
 *
 * <pre>
 *   | whole blocks of an unaligned request | new P                 | new Q (RAID-6) | old blocks that a plan reads |
 *   | maxRequest + 1 block                 | maxRequest + 1 block  | as P           | a block of each slot × run   |
 * </pre>
 */
final class WriteBuffers implements AutoCloseable {
    /** The most that the blocks read by a {@link WritePlan} may take, unless a single stripe takes more. */
    private static final int WORK_BYTES = 1 << 20;

    private final BufferPool pool;
    private final int parityCount;
    private final int spanBytes;
    private final int maxStripesInRun;

    /**
     * Creates the buffers of some requests.
     *
     * @param maxRequestBytes the longest request, before it is widened to whole blocks
     * @param requests how many requests are served at the same time; more wait
     */
    WriteBuffers(ArrayGeometry geometry, int maxRequestBytes, int requests) {
        parityCount = geometry.layout().parityCount();
        spanBytes = (int) Sectors.roundUp(maxRequestBytes, Sectors.BLOCK_BYTES) + Sectors.BLOCK_BYTES;
        maxStripesInRun = geometry.stripesInRun(WORK_BYTES);
        int workBytes = maxStripesInRun * geometry.raidDisks() * Sectors.BLOCK_BYTES;
        pool = new BufferPool((1 + parityCount) * spanBytes + workBytes, requests);
    }

    /** The longest run that fits {@link Buffers#work}. */
    int maxStripesInRun() {
        return maxStripesInRun;
    }

    Buffers acquire() {
        return new Buffers(pool.acquire(), parityCount, spanBytes);
    }

    @Override
    public void close() {
        pool.close();
    }

    /** The memory of one request, released by {@link #close}. */
    record Buffers(BufferPool.Lease lease, int parityCount, int spanBytes) implements AutoCloseable {
        MemorySegment span(long lengthBytes) {
            return lease.segment().asSlice(0, lengthBytes);
        }

        MemorySegment p(long offsetBytes, long lengthBytes) {
            return lease.segment().asSlice(spanBytes, spanBytes).asSlice(offsetBytes, lengthBytes);
        }

        /** Null if the level has no Q. */
        @Nullable
        MemorySegment q(long offsetBytes, long lengthBytes) {
            return parityCount == 1
                    ? null
                    : lease.segment().asSlice(2L * spanBytes, spanBytes).asSlice(offsetBytes, lengthBytes);
        }

        MemorySegment work() {
            return lease.segment().asSlice((1L + parityCount) * spanBytes);
        }

        @Override
        public void close() {
            lease.close();
        }
    }
}
