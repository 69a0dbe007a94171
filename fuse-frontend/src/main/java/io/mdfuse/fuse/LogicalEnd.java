package io.mdfuse.fuse;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;

/**
 * Where the file ends for one handle that truncated it; in memory, for as long as that handle is open. A truncation
 * promises zeros: the gap that the handle leaves between this end and a later write has to read as zeros. The volume
 * keeps its size, and the bytes behind the end keep their content until the handle writes or truncates beyond them.
 *
 * <pre>
 *   NONE ── truncate to n, n &lt; size ──▶ n ── truncate to m, m ≤ n ───────────▶ m
 *    ▲                                  ├─── write of b bytes at a, a &gt; n ──▶ [n, a) zeroed, then a + b
 *    │                                  ├─── write of b bytes at a, a ≤ n ──▶ the larger of n and a + b
 *    └── [n, size) zeroed ── m = size ◀─┴─── truncate to m, m &gt; n ──────────▶ [n, m) zeroed, then m
 * </pre>
 *
 * <p>A write through another handle is like a write by another user of a block device: it zeroes nothing, and what it
 * writes behind this end is kept if this handle later leaves a gap there ({@link KeptRanges}).
 *
 * <p>The lock is held while a gap is zeroed. No thread holds the locks of two ends, and no thread waits for such a lock
 * during a call of the volume, so threads can't deadlock.
 */
final class LogicalEnd {
    private static final long NONE = Long.MAX_VALUE;

    private final RankedLock lock = new RankedLock(LockRank.LOGICAL_END);
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
     * @return whether there is a logical end now: an end behind the volume's last byte needs none
     */
    boolean truncate(long newEndBytes, KeptRanges.GapAction zeroing) throws IOException {
        lock.lock();
        try {
            jumped = false;
            if (newEndBytes <= endBytes) {
                // The truncation also removed what other handles wrote behind the new end.
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
     * Call before the handle writes the range: zeroes the gap before the range.
     *
     * @throws IOException if the gap could not be zeroed; then the end is unchanged, and the caller must not write
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

    /**
     * Call before another handle writes the range. Returns once no zeroing is under way that could overlap the range.
     */
    void beforeWriteOfOtherHandle(long fromBytes, long toBytes) {
        lock.lock();
        try {
            if (endBytes != NONE) {
                kept.add(Math.max(fromBytes, endBytes), toBytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Zeroes from the end up to {@code toBytes}, and moves the end there; does nothing if {@code toBytes} is below the
     * end.
     */
    void extend(long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        lock.lock();
        try {
            zeroUpTo(toBytes, zeroing);
        } finally {
            lock.unlock();
        }
    }

    /** The end, if the handle left gaps and did not truncate after that; otherwise a negative number. */
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
            kept.removeBelow(toBytes);
        }
    }
}
