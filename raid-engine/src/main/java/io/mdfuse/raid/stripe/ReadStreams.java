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

    /** The range continues no earlier read. */
    static final long NO_STREAM = -1;

    private static final int STREAMS = 16;

    private final AtomicLongArray ends = new AtomicLongArray(STREAMS);
    /** 1 if a read has continued the stream, so that {@link #AHEAD_BYTES} after its end are named already. */
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
     * @return the end of what was named for the stream that the range continues, or {@code offsetBytes} if nothing was;
     *     {@link #NO_STREAM} if the range continues no earlier read
     */
    long note(long offsetBytes, long lengthBytes) {
        long endBytes = offsetBytes + lengthBytes;
        for (int i = 0; i < STREAMS; i++) {
            if (ends.get(i) == offsetBytes && ends.compareAndSet(i, offsetBytes, endBytes)) {
                boolean before = named.getAndSet(i, 1) == 1;
                return before ? offsetBytes + AHEAD_BYTES : offsetBytes;
            }
        }
        int place = oldest;
        oldest = (place + 1) % STREAMS;
        ends.set(place, endBytes);
        named.set(place, 0);
        return NO_STREAM;
    }
}
