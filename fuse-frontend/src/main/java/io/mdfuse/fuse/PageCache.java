package io.mdfuse.fuse;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the kernel keeps of the file in its page cache, as far as the file changes behind the kernel's back: what is
 * zeroed for a truncation. The pages are dropped, so that the next read asks for them.
 *
 * <p>The kernel waits, in dropping a page, for a request that reads or writes the page. A thread that serves requests
 * must not wait for that in turn, since it may be the one that the request needs: so a thread of its own calls the
 * kernel, and a request waits for that thread only a moment.
 */
final class PageCache {
    /** A larger page of the kernel's is covered in part more often, which costs a wait. */
    private static final long PAGE_BYTES = 4096;

    /** The call takes microseconds. It takes longer only if it has to wait for a request, perhaps for this one. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Dropping dropping;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition asked = lock.newCondition();
    private final Condition dropped = lock.newCondition();

    /** One range that spans all that is to be dropped: a page too much costs a read, no more. */
    private long fromBytes = Long.MAX_VALUE;

    private long endBytes;
    private long askedCount;
    private long droppedCount;

    /** The kernel's call. */
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
     * Has the pages of the range dropped: at once, save for a page that the range covers in part, which follows soon.
     * The write that the range makes way for may be what the kernel would wait for there.
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
