package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of native buffers of equal size, aligned to 4 KiB, which are reused.
 *
 * <p>A buffer is allocated when it is first needed and freed when the pool is closed. A pool that is never used
 * allocates nothing. The buffer released last is handed out first, since its bytes may still be in the processor's
 * cache. The content of an acquired buffer is undefined: buffers are not cleared.
 *
 * <p>May be used by several threads. A thread that holds one buffer and waits for a second may wait forever if all
 * others do the same: acquire all that a request needs as one larger buffer, or use {@link #tryAcquire()}.
 */
public final class BufferPool implements AutoCloseable {
    private final int bufferBytes;
    private final int capacity;
    private final RankedLock lock = new RankedLock(LockRank.BUFFER_POOL);
    private final Condition released = lock.newCondition();
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

    /**
     * Acquires a buffer; waits while all are in use. An interrupt does not end the wait.
     *
     * @throws IllegalStateException if the pool is closed, also if that happens during the wait
     */
    public Lease acquire() {
        lock.lock();
        try {
            while (true) {
                Lease lease = pollLease();
                if (lease != null) {
                    return lease;
                }
                released.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Acquires a buffer; null if all are in use.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable Lease tryAcquire() {
        lock.lock();
        try {
            return pollLease();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Lease pollLease() {
        if (closed) {
            throw new IllegalStateException("the buffer pool is closed");
        }
        Lease lease = free.pollLast();
        if (lease == null && allocated < capacity) {
            arena = arena == null ? Arena.ofShared() : arena;
            lease = new Lease(UntouchedMemory.allocate(arena, bufferBytes));
            allocated++;
        }
        if (lease != null) {
            lease.acquired = true;
        }
        return lease;
    }

    private void release(Lease lease) {
        lock.lock();
        try {
            if (!lease.acquired) {
                throw new IllegalStateException("this buffer was released already");
            }
            lease.acquired = false;
            free.addLast(lease);
            released.signal();
            freeIfClosedAndUnused();
        } finally {
            lock.unlock();
        }
    }

    /** Hands out no more buffers. The memory is freed now, or when the last acquired buffer is released. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            // Threads that wait for a buffer must find that the pool is closed.
            released.signalAll();
            freeIfClosedAndUnused();
        } finally {
            lock.unlock();
        }
    }

    private void freeIfClosedAndUnused() {
        if (closed && free.size() == allocated && arena != null) {
            arena.close();
            arena = null;
        }
    }

    /** An acquired buffer. Closing the lease releases the buffer; the segment must not be used after that. */
    public final class Lease implements AutoCloseable {
        private final MemorySegment segment;
        private boolean acquired;

        private Lease(MemorySegment segment) {
            this.segment = segment;
        }

        /** The whole buffer. */
        public MemorySegment segment() {
            return segment;
        }

        @Override
        public void close() {
            release(this);
        }
    }
}
