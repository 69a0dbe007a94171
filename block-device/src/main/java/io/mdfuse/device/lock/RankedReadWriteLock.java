package io.mdfuse.device.lock;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A reentrant read-write lock with a {@link LockRank}, which both of its locks have; the order is checked as in
 * {@link RankedLock}. A thread that holds only the read lock and acquires the write lock would wait for itself: it gets
 * the {@link IllegalStateException} too.
 */
public final class RankedReadWriteLock implements ReadWriteLock {
    private final Lock readLock;
    private final Lock writeLock;

    /** Creates a lock that no thread holds. */
    public RankedReadWriteLock(LockRank rank) {
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        Side writing = new Side(rank, lock.writeLock(), null);
        this.writeLock = writing;
        this.readLock = new Side(rank, lock.readLock(), writing);
    }

    @Override
    public Lock readLock() {
        return readLock;
    }

    @Override
    public Lock writeLock() {
        return writeLock;
    }

    /** The read lock or the write lock. A thread may acquire the read lock under the write lock, but not vice versa. */
    private static final class Side implements Lock {
        private final LockRank rank;
        private final Lock lock;
        private final @Nullable Side writing;

        Side(LockRank rank, Lock lock, @Nullable Side writing) {
            this.rank = rank;
            this.lock = lock;
            this.writing = writing;
        }

        private boolean mayAcquire() {
            return (writing != null && LockOrder.holds(writing)) || LockOrder.mayAcquire(this, rank);
        }

        private boolean mayTryAcquire() {
            return (writing != null && LockOrder.holds(writing)) || LockOrder.mayTryAcquire(this, rank);
        }

        @Override
        public void lock() {
            assert mayAcquire();
            lock.lock();
            assert LockOrder.acquired(this, rank);
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            assert mayAcquire();
            lock.lockInterruptibly();
            assert LockOrder.acquired(this, rank);
        }

        @Override
        public boolean tryLock() {
            assert mayTryAcquire();
            boolean locked = lock.tryLock();
            assert !locked || LockOrder.acquired(this, rank);
            return locked;
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            assert mayAcquire();
            boolean locked = lock.tryLock(time, unit);
            assert !locked || LockOrder.acquired(this, rank);
            return locked;
        }

        @Override
        public void unlock() {
            lock.unlock();
            assert LockOrder.released(this);
        }

        @Override
        public Condition newCondition() {
            throw new UnsupportedOperationException("a read-write lock is used without conditions");
        }

        @Override
        public String toString() {
            return rank + " " + lock;
        }
    }
}
