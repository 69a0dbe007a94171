package io.mdfuse.device.lock;

import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock with its place in the order of all locks. With assertions enabled a thread that acquires it, or
 * waits on one of its conditions, while it holds a lock of the same or a later {@link LockRank} gets an {@link
 * IllegalStateException}. Without assertions it is a {@link ReentrantLock} and nothing more.
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

    /** Makes a lock that no thread holds. */
    public RankedLock(LockRank rank) {
        this.rank = rank;
    }

    /** Waits for the lock; closing the answer releases it. */
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

    /** As {@link Lock#tryLock()}. It never waits, so other locks of the same rank may be held, but none of a later. */
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

    /** Whether this thread holds the lock. */
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

    /** While a thread waits it runs nothing, so the lock stays noted as held; at the end of the wait it is again. */
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
        @SuppressWarnings("JavaUtilDate") // The interface's.
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
