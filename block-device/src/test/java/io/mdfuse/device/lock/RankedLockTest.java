package io.mdfuse.device.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings({"LockNotBeforeTry", "WaitNotInLoop"}) // These tests are about locks that are used in unusual ways.
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RankedLockTest {
    private final RankedLock outer = new RankedLock(LockRank.MEMBER_SET);
    private final RankedLock inner = new RankedLock(LockRank.JOURNAL);

    @AfterEach
    void nothingIsHeldAtTheEnd() {
        assertEquals(List.of(), LockOrder.heldRanks());
    }

    @Test
    void testsRunWithAssertions() {
        assertTrue(RankedLock.class.desiredAssertionStatus());
    }

    @Test
    void anAscendingOrderIsAllowed() {
        try (RankedLock.Held _ = outer.acquire();
                RankedLock.Held _ = inner.acquire()) {
            assertEquals(List.of(LockRank.MEMBER_SET, LockRank.JOURNAL), LockOrder.heldRanks());
        }
    }

    @Test
    void aDescendingOrderIsRefusedWithBothNames() {
        try (RankedLock.Held _ = inner.acquire()) {
            IllegalStateException e = assertThrows(IllegalStateException.class, outer::lock);
            assertTrue(String.valueOf(e.getMessage()).contains("MEMBER_SET is acquired while JOURNAL is held"));
            assertThrows(IllegalStateException.class, outer::tryLock);
            assertThrows(IllegalStateException.class, outer::lockInterruptibly);
            assertThrows(IllegalStateException.class, () -> outer.tryLock(1, TimeUnit.MILLISECONDS));
            assertFalse(outer.isHeldByCurrentThread());
        }
    }

    @Test
    void anotherLockOfTheSameRankIsRefusedUnlessItIsOnlyTried() {
        RankedLock same = new RankedLock(LockRank.JOURNAL);
        try (RankedLock.Held _ = inner.acquire()) {
            assertThrows(IllegalStateException.class, same::lock);
            assertTrue(same.tryLock());
            same.unlock();
        }
    }

    @Test
    void aLockThatIsHeldMayBeAcquiredAgain() {
        try (RankedLock.Held _ = outer.acquire();
                RankedLock.Held _ = inner.acquire();
                RankedLock.Held _ = outer.acquire()) {
            assertEquals(3, LockOrder.heldRanks().size());
        }
    }

    @Test
    void afterAReleaseOutOfOrderTheOtherLocksAreStillRecorded() {
        outer.lock();
        inner.lock();
        outer.unlock();
        assertThrows(IllegalStateException.class, outer::lock);
        inner.unlock();
        outer.lock();
        outer.unlock();
    }

    @Test
    void aReleasedLockIsNotRecorded() {
        inner.lock();
        inner.unlock();
        outer.lock();
        outer.unlock();
        assertThrows(IllegalMonitorStateException.class, outer::unlock);
    }

    @Test
    void aLockThatTryLockDidNotGetIsNotRecorded() {
        CompletableFuture<Boolean> tried = new CompletableFuture<>();
        try (RankedLock.Held _ = inner.acquire()) {
            Thread.ofPlatform()
                    .start(() -> tried.complete(
                            inner.tryLock() || !LockOrder.heldRanks().isEmpty()));
            assertFalse(tried.join());
        }
    }

    @Test
    void afterAWaitTheLockIsHeldAgain() throws Exception {
        Condition condition = inner.newCondition();
        CompletableFuture<List<LockRank>> seen = new CompletableFuture<>();
        try (RankedLock.Held _ = outer.acquire();
                RankedLock.Held _ = inner.acquire()) {
            Thread.ofPlatform().start(() -> {
                // This thread gets the lock while the other one waits.
                try (RankedLock.Held _ = inner.acquire()) {
                    seen.complete(LockOrder.heldRanks());
                    condition.signalAll();
                }
            });
            while (!seen.isDone()) {
                condition.await();
            }
            assertEquals(List.of(LockRank.MEMBER_SET, LockRank.JOURNAL), LockOrder.heldRanks());
            assertThrows(IllegalStateException.class, () -> new RankedLock(LockRank.DIRTY_MARKER).lock());
            assertTrue(condition.awaitNanos(1) <= 0);
            assertFalse(condition.await(1, TimeUnit.NANOSECONDS));
        }
        assertEquals(List.of(LockRank.JOURNAL), seen.get());
    }

    @Test
    void afterAnInterruptedWaitTheLockIsRecorded() {
        Condition condition = inner.newCondition();
        try (RankedLock.Held _ = inner.acquire()) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, condition::await);
            assertEquals(List.of(LockRank.JOURNAL), LockOrder.heldRanks());
        }
    }

    /** The lock would be acquired again under the inner one. */
    @Test
    void aWaitUnderALaterLockIsRefused() {
        Condition condition = outer.newCondition();
        try (RankedLock.Held _ = outer.acquire();
                RankedLock.Held _ = inner.acquire()) {
            assertThrows(IllegalStateException.class, condition::awaitUninterruptibly);
            assertThrows(IllegalStateException.class, condition::await);
        }
    }

    @Test
    void bothLocksOfAReadWriteLockHaveItsRank() {
        RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.OVERLAY);
        for (Lock side : List.of(lock.readLock(), lock.writeLock())) {
            side.lock();
            assertThrows(IllegalStateException.class, inner::lock);
            side.lock();
            side.unlock();
            side.unlock();
            inner.lock();
            side.lock();
            side.unlock();
            inner.unlock();
        }
    }

    @Test
    void aReaderMayNotBecomeAWriterButAWriterMayRead() {
        RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.OVERLAY);
        lock.writeLock().lock();
        lock.readLock().lock();
        lock.readLock().unlock();
        lock.writeLock().unlock();
        lock.readLock().lock();
        assertThrows(IllegalStateException.class, () -> lock.writeLock().lock());
        lock.readLock().unlock();
    }

    @Test
    void aSimulatedThreadHasItsOwnLocks() {
        SimulatedThread other = new SimulatedThread();
        try (RankedLock.Held _ = inner.acquire()) {
            other.run(outer::lock);
            assertEquals(List.of(LockRank.JOURNAL), LockOrder.heldRanks());
            other.run(() -> assertEquals(List.of(LockRank.MEMBER_SET), LockOrder.heldRanks()));
            other.run(outer::unlock);
        }
    }
}
