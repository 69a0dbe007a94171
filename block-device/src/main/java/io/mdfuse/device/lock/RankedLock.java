package io.mdfuse.device.lock;

import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock with a {@link LockRank}. With assertions enabled, a thread that acquires the lock, or waits on one
 * of its conditions, gets an {@link IllegalStateException} if it holds another lock of the same or a later rank.
 * Without assertions the class behaves as a {@link ReentrantLock}.
 *
 * <p>{@link #acquire} is the short form for a block: {@code try (RankedLock.Held _ = lock.acquire()) { ... }}.
 */
public final class RankedLock implements Lock {
    private final LockRank rank;
    private final ReentrantLock lock = new ReentrantLock();
    private final Held held = this::unlock;

    /** Releases the lock once, by the thread that holds it. */
    @FunctionalInterface
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Creates a lock that no thread holds. */
    public RankedLock(LockRank rank) {
        this.rank = rank;
    }

    /** Waits for the lock. Closing the returned object releases the lock. */
    public Held acquire() {
        lock();
        return held;
    }

    @Override
    public void lock() {
        assert LockOrder.mayAcquire(this, rank);
        lock.lock();
        assert LockOrder.acquired(this, rank);
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        assert LockOrder.mayAcquire(this, rank);
        lock.lockInterruptibly();
        assert LockOrder.acquired(this, rank);
    }

    /**
     * As {@link Lock#tryLock()}. Since this call does not wait, the thread may hold other locks of the same rank, but
     * none of a later one.
     */
    @Override
    public boolean tryLock() {
        assert LockOrder.mayTryAcquire(this, rank);
        boolean locked = lock.tryLock();
        assert !locked || LockOrder.acquired(this, rank);
        return locked;
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        assert LockOrder.mayAcquire(this, rank);
        boolean locked = lock.tryLock(time, unit);
        assert !locked || LockOrder.acquired(this, rank);
        return locked;
    }

    @Override
    public void unlock() {
        lock.unlock();
        assert LockOrder.released(this);
    }

    /** Whether the calling thread holds the lock. */
    public boolean isHeldByCurrentThread() {
        return lock.isHeldByCurrentThread();
    }

    @Override
    public Condition newCondition() {
        return new RankedCondition(lock.newCondition());
    }

    @Override
    public String toString() {
        return rank + " " + lock;
    }

    /**
     * A condition of the lock. During the wait the lock stays recorded as held by the waiting thread: that thread runs
     * nothing meanwhile, and holds the lock again at the end of the wait.
     */
    @SuppressWarnings("WaitNotInLoop") // The caller loops, as with any condition.
    private final class RankedCondition implements Condition {
        private final Condition condition;

        RankedCondition(Condition condition) {
            this.condition = condition;
        }

        private boolean mayAwait() {
            return LockOrder.mayAwait(RankedLock.this, rank);
        }

        @Override
        public void await() throws InterruptedException {
            assert mayAwait();
            condition.await();
        }

        @Override
        public void awaitUninterruptibly() {
            assert mayAwait();
            condition.awaitUninterruptibly();
        }

        @Override
        public long awaitNanos(long nanosTimeout) throws InterruptedException {
            assert mayAwait();
            return condition.awaitNanos(nanosTimeout);
        }

        @Override
        public boolean await(long time, TimeUnit unit) throws InterruptedException {
            assert mayAwait();
            return condition.await(time, unit);
        }

        @Override
        @SuppressWarnings("JavaUtilDate") // The interface requires it.
        public boolean awaitUntil(Date deadline) throws InterruptedException {
            assert mayAwait();
            return condition.awaitUntil(deadline);
        }

        @Override
        public void signal() {
            condition.signal();
        }

        @Override
        public void signalAll() {
            condition.signalAll();
        }
    }
}
