package io.mdfuse.fuse;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the file ends for one handle that truncated it; in memory, for as long as that handle is open. A truncation
 * promises zeros: what the handle then leaves out between this end and a later write has to read as zeros. The volume
 * keeps its size, and what lies behind the end keeps its content until the handle goes beyond it.
 *
 * <pre>
 *   NONE ── truncate to n, n &lt; size ──▶ n ── truncate to m, m ≤ n ───────────▶ m
 *    ▲                                  ├─── write of b bytes at a, a &gt; n ──▶ [n, a) zeroed, then a + b
 *    │                                  ├─── write of b bytes at a, a ≤ n ──▶ the larger of n and a + b
 *    └── [n, size) zeroed ── m = size ◀─┴─── truncate to m, m &gt; n ──────────▶ [n, m) zeroed, then m
 * </pre>
 *
 * <p>A write through another handle is that of another user of a block device: it zeroes nothing, and what it puts
 * behind this end stays if this handle jumps over it later ({@link KeptRanges}).
 *
 * <p>The lock is held while a gap is zeroed. No thread holds the lock of two ends, and none waits for a lock of an end
 * while it is inside the volume, so that threads can't wait for each other in a circle.
 */
final class LogicalEnd {
    private static final long NONE = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final KeptRanges kept = new KeptRanges();
    private final long sizeBytes;
    private long endBytes = NONE;
    private boolean jumped;

    LogicalEnd(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /**
     * Truncates to {@code newEndBytes}, which is at most the volume's size.
     *
     * @return whether there is an end now: behind the volume's last byte there is nothing to keep in mind
     */
    boolean truncate(long newEndBytes, KeptRanges.GapAction zeroing) throws IOException {
        lock.lock();
        try {
            jumped = false;
            if (newEndBytes <= endBytes) {
                // What other handles wrote behind the new end was cut off with all the rest.
                endBytes = newEndBytes;
                kept.clear();
            } else {
                zeroUpTo(newEndBytes, zeroing);
            }
            if (endBytes >= sizeBytes) {
                endBytes = NONE;
                kept.clear();
            }
            return endBytes != NONE;
        } finally {
            lock.unlock();
        }
    }

    /**
     * To be called before the handle writes the range: zeroes the gap before it.
     *
     * @throws IOException if the gap could not be zeroed; then the end is where it was, and nothing is to be written
     */
    void beforeWrite(long fromBytes, long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        lock.lock();
        try {
            jumped |= endBytes < fromBytes;
            zeroUpTo(fromBytes, zeroing);
            moveTo(toBytes);
        } finally {
            lock.unlock();
        }
    }

    /** To be called before another handle writes the range. Returns once no zeroing is under way that could meet it. */
    void beforeForeignWrite(long fromBytes, long toBytes) {
        lock.lock();
        try {
            if (endBytes != NONE) {
                kept.add(Math.max(fromBytes, endBytes), toBytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes all read as zeros from the end up to {@code toBytes}, and moves the end there; below the end nothing. */
    void extend(long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        lock.lock();
        try {
            zeroUpTo(toBytes, zeroing);
        } finally {
            lock.unlock();
        }
    }

    /** The end, if the handle left gaps out and did not truncate after that; else a negative number. */
    long endAfterGaps() {
        lock.lock();
        try {
            return jumped && endBytes < sizeBytes ? endBytes : -1;
        } finally {
            lock.unlock();
        }
    }

    private void zeroUpTo(long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        if (endBytes < toBytes) {
            kept.forEachGap(endBytes, toBytes, zeroing);
            moveTo(toBytes);
        }
    }

    private void moveTo(long toBytes) {
        if (endBytes < toBytes) {
            endBytes = toBytes;
            kept.forgetBelow(toBytes);
        }
    }
}
