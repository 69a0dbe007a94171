package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Zeroes the gap that a truncation left, piece by piece: a long zeroing logs its progress, and stops between two pieces
 * if the mount ends.
 */
final class GapZeroing {
    private static final Logger LOG = LoggerFactory.getLogger(GapZeroing.class);
    private static final long PIECE_BYTES = 1L << 28;
    private static final long MIB = 1 << 20;
    private static final long NEWS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Volume volume;
    private volatile PageCache.Dropping afterZeroing = (_, _) -> {};
    private volatile boolean stopped;

    GapZeroing(Volume volume) {
        this.volume = volume;
    }

    /** Stops each zeroing after its present piece, refused with {@code ESHUTDOWN}; later ones are refused too. */
    void stop() {
        stopped = true;
    }

    /** Registers an action called with each zeroed range, before the request continues. */
    void notifyCache(PageCache.Dropping action) {
        afterZeroing = action;
    }

    void zero(long fromBytes, long endBytes) throws IOException {
        long said = System.nanoTime();
        long atBytes = fromBytes;
        while (atBytes < endBytes) {
            if (stopped) {
                throw new OperationRefused(FuseErrno.ESHUTDOWN);
            }
            // Later pieces begin at a multiple of their length, so that few chunk rows are cut in two.
            long pieceEndBytes = Math.min(endBytes, (atBytes / PIECE_BYTES + 1) * PIECE_BYTES);
            volume.zero(atBytes, pieceEndBytes - atBytes);
            afterZeroing.drop(atBytes, pieceEndBytes);
            atBytes = pieceEndBytes;
            if (System.nanoTime() - said >= NEWS_EVERY_NANOS) {
                LOG.info(
                        "a program truncated {} and left a gap: {} of {} MiB of it are zeroed",
                        volume.name(),
                        (atBytes - fromBytes) / MIB,
                        (endBytes - fromBytes) / MIB);
                said = System.nanoTime();
            }
        }
    }
}
