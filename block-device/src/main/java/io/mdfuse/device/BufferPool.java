package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of equal native buffers, aligned to 4 KiB, handed out again and again.
 *
 * <p>A buffer is allocated when it is first wanted and lives until the pool is closed; after that first round nothing
 * is allocated. A pool that nobody wants anything of costs nothing, not even when it is closed. The buffer that was
 * given back last is handed out first, for its bytes are still in the processor's cache. What a buffer holds when it is
 * handed out is not defined: it is never cleared.
 *
 * <p>A thread that holds one buffer and waits for a second may wait for ever, if all others do the same. Take all
 * that a request needs as one larger buffer, or use {@link #tryAcquire()}.
 */
public final class BufferPool implements AutoCloseable {
    private final int bufferBytes;
    private final int capacity;
    private final RankedLock lock = new RankedLock(LockRank.BUFFER_POOL);
    private final Condition given = lock.newCondition();
    private final ArrayDeque<Lease> free;
    private @Nullable Arena arena;
    private int allocated;
    private boolean closed;

    /**
     * @param bufferBytes the size of each buffer, a positive multiple of 4096
     * @param capacity how many buffers there are at most, at least 1
     */
    public BufferPool(int bufferBytes, int capacity) {
        if (bufferBytes <= 0 || bufferBytes % Sectors.BLOCK_BYTES != 0) {
            throw new IllegalArgumentException("bufferBytes is " + bufferBytes + ", not a multiple of 4096");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity);
        }
        this.bufferBytes = bufferBytes;
        this.capacity = capacity;
        this.free = new ArrayDeque<>(capacity);
    }

    /** The size of each buffer, in bytes. */
    public int bufferBytes() {
        return bufferBytes;
    }

    /** How many buffers there are at most. */
    public int capacity() {
        return capacity;
    }

    /** How many buffers could be acquired now without waiting. */
    public int available() {
        lock.lock();
        try {
            return capacity - allocated + free.size();
        } finally {
            lock.unlock();
        }
    }

    /** Hands out a buffer; waits for one while all are out. An interrupt does not end the wait. */
    public Lease acquire() {
        lock.lock();
        try {
            while (true) {
                Lease lease = takeOrNull();
                if (lease != null) {
                    return lease;
                }
                given.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hands out a buffer, or null while all are out. */
    public @Nullable Lease tryAcquire() {
        lock.lock();
        try {
            return takeOrNull();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Lease takeOrNull() {
        if (closed) {
            throw new IllegalStateException("the buffer pool is closed");
        }
        Lease lease = free.pollLast();
        if (lease == null && allocated < capacity) {
            arena = arena == null ? Arena.ofShared() : arena;
            lease = new Lease(arena.allocate(bufferBytes, Sectors.BLOCK_BYTES));
            allocated++;
        }
        if (lease != null) {
            lease.out = true;
        }
        return lease;
    }

    private void giveBack(Lease lease) {
        lock.lock();
        try {
            if (!lease.out) {
                throw new IllegalStateException("this buffer was given back already");
            }
            lease.out = false;
            free.addLast(lease);
            given.signal();
            freeWhenAllAreBack();
        } finally {
            lock.unlock();
        }
    }

    /** Hands out no more buffers. The memory is freed now, or when the last buffer that is out comes back. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            // Those who wait for a buffer learn that there will be none.
            given.signalAll();
            freeWhenAllAreBack();
        } finally {
            lock.unlock();
        }
    }

    private void freeWhenAllAreBack() {
        if (closed && free.size() == allocated && arena != null) {
            arena.close();
            arena = null;
        }
    }

    /** One buffer while it is handed out. Closing it gives the buffer back; after that the segment is not yours. */
    public final class Lease implements AutoCloseable {
        private final MemorySegment segment;
        private boolean out;

        private Lease(MemorySegment segment) {
            this.segment = segment;
        }

        /** The whole buffer. */
        public MemorySegment segment() {
            return segment;
        }

        @Override
        public void close() {
            giveBack(this);
        }
    }
}
