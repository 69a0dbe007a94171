package io.mdfuse.raid.stripe;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Recognises reads that continue an earlier read, and says what such a stream will read next. The host does not read
 * ahead by itself on a device that expects small writes.
 *
 * <pre>
 *   read A..B, nothing ended at A     B is remembered, in place of the oldest of 16 ends
 *   read B..C, a read ended at B      C in place of B; ahead: C .. C + 1 MiB
 *   read C..D, the third of a stream  D in place of C; ahead: C + 1 MiB .. D + 1 MiB, since the rest was named before
 * </pre>
 *
 * May be used by several threads without a lock: the answer is a hint, and reads that race may get a worse one.
 */
final class ReadStreams {
    /** How far ahead of a stream is read. */
    static final long AHEAD_BYTES = 1 << 20;

    private static final int STREAMS = 16;

    private final AtomicLongArray ends = new AtomicLongArray(STREAMS);
    /** 1 if the stream has been recognised, so that {@link #AHEAD_BYTES} after its end are named already. */
    private final AtomicIntegerArray named = new AtomicIntegerArray(STREAMS);

    private volatile int oldest;

    ReadStreams() {
        for (int i = 0; i < STREAMS; i++) {
            ends.set(i, -1);
        }
    }

    /**
     * Notes a read of a range of the volume.
     *
     * @return where the part begins that is to be read ahead; it ends {@link #AHEAD_BYTES} after the range. That end if
     *     the range continues no earlier read
     */
    long note(long offsetBytes, long lengthBytes) {
        long endBytes = offsetBytes + lengthBytes;
        for (int i = 0; i < STREAMS; i++) {
            if (ends.get(i) == offsetBytes && ends.compareAndSet(i, offsetBytes, endBytes)) {
                boolean before = named.getAndSet(i, 1) == 1;
                return before ? Math.max(offsetBytes + AHEAD_BYTES, endBytes) : endBytes;
            }
        }
        int place = oldest;
        oldest = (place + 1) % STREAMS;
        ends.set(place, endBytes);
        named.set(place, 0);
        return endBytes + AHEAD_BYTES;
    }
}
