package io.mdfuse.fuse;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/**
 * Drops pages of the file from the kernel's page cache when the file changes without the kernel's knowledge, that is,
 * when a gap of a truncation is zeroed. The next read then sends a request for these pages.
 *
 * <p>To drop a page, the kernel waits for a request that reads or writes the page. A thread that serves requests must
 * not wait for the drop, since it may itself be serving that request: so a separate thread calls the kernel, and a
 * request waits for that thread only briefly.
 */
final class PageCache {
    /** If the kernel's pages are larger, ranges cover more of them in part, which costs a wait. */
    private static final long PAGE_BYTES = 4096;

    /**
     * How long a request waits. The call takes microseconds, and longer only if it waits for a request, perhaps for
     * this one.
     */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Dropping dropping;
    private final RankedLock lock = new RankedLock(LockRank.PAGE_CACHE);
    private final Condition asked = lock.newCondition();
    private final Condition dropped = lock.newCondition();

    /** One range that spans all pages to drop: an additional page costs only a read. */
    private long fromBytes = Long.MAX_VALUE;

    private long endBytes;
    private long askedCount;
    private long droppedCount;

    /** The call of the kernel. */
    @FunctionalInterface
    interface Dropping {
        void drop(long fromBytes, long endBytes);
    }

    private PageCache(Dropping dropping) {
        this.dropping = dropping;
    }

    static PageCache start(Dropping dropping) {
        PageCache cache = new PageCache(dropping);
        Thread.ofPlatform().daemon().name("fuse-page-cache").start(cache::run);
        return cache;
    }

    /**
     * Has the pages of the range dropped: at once, except for a page that the range covers in part, which is dropped
     * soon after. For such a page the kernel may have to wait for the very write before which the range is zeroed.
     */
    void drop(long fromBytes, long endBytes) {
        long wholeFromBytes = (fromBytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        long wholeEndBytes = endBytes / PAGE_BYTES * PAGE_BYTES;
        lock.lock();
        try {
            if (wholeFromBytes < wholeEndBytes) {
                await(ask(wholeFromBytes, wholeEndBytes));
            }
            if (wholeFromBytes != fromBytes || wholeEndBytes != endBytes) {
                ask(fromBytes, endBytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private long ask(long from, long end) {
        fromBytes = Math.min(fromBytes, from);
        endBytes = Math.max(endBytes, end);
        asked.signal();
        return ++askedCount;
    }

    private void await(long ticket) throws InterruptedException {
        long leftNanos = PATIENCE_NANOS;
        while (droppedCount < ticket && leftNanos > 0) {
            leftNanos = dropped.awaitNanos(leftNanos);
        }
    }

    private void run() {
        try {
            while (true) {
                dropNext();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void dropNext() throws InterruptedException {
        long from;
        long end;
        long ticket;
        lock.lock();
        try {
            while (droppedCount == askedCount) {
                asked.await();
            }
            from = fromBytes;
            end = endBytes;
            ticket = askedCount;
            fromBytes = Long.MAX_VALUE;
            endBytes = 0;
        } finally {
            lock.unlock();
        }
        dropping.drop(from, end);
        lock.lock();
        try {
            droppedCount = ticket;
            dropped.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
