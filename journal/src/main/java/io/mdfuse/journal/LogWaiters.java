package io.mdfuse.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that wait for the leader of a {@link GroupCommit}. Each is woken once, when what it waits for has been
 * reached, or when it is its turn to lead; it then needs the journal's lock only in the second case. With a condition
 * of the lock, every step of the leader would wake all of them, and they would get the lock one after the other.
 *
 * <p>All methods are called with the journal's lock held, except {@link Waiter#await}.
 */
final class LogWaiters {
    /** The order of a thread that waits for space in the staging memory, or for the end of the leader's turn. */
    private static final long NO_ORDER = Long.MAX_VALUE;

    private final List<Waiter> waiters = new ArrayList<>();

    /** One thread that waits. Made and awaited by this thread. */
    static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private final long order;
        private final boolean durable;
        private boolean reached;
        private volatile boolean woken;

        private Waiter(long order, boolean durable) {
            this.order = order;
            this.durable = durable;
        }

        /**
         * Waits, without the journal's lock, until the thread is woken. An interrupt does not end the wait.
         *
         * @return true if what it waits for has been reached; false if it has to look again, and perhaps to lead
         */
        boolean await() {
            boolean interrupted = false;
            while (!woken) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                thread.interrupt();
            }
            return reached;
        }

        private void wake() {
            woken = true;
            LockSupport.unpark(thread);
        }
    }

    /** The calling thread will wait until everything up to {@code order} is written, or durable. */
    Waiter add(long order, boolean durable) {
        Waiter waiter = new Waiter(order, durable);
        waiters.add(waiter);
        return waiter;
    }

    /** The calling thread will wait until the leader has made progress of any kind. */
    Waiter addForProgress() {
        return add(NO_ORDER, false);
    }

    /** Wakes the threads whose order has been reached, and those that wait for any progress. */
    void wakeReached(long writtenOrder, long flushedOrder) {
        waiters.removeIf(waiter -> {
            waiter.reached = waiter.order <= (waiter.durable ? flushedOrder : writtenOrder);
            boolean wakes = waiter.reached || waiter.order == NO_ORDER;
            if (wakes) {
                waiter.wake();
            }
            return wakes;
        });
    }

    /** Wakes the thread that has waited longest, so that it leads. */
    void wakeNext() {
        if (!waiters.isEmpty()) {
            waiters.removeFirst().wake();
        }
    }

    /** Wakes all threads: the journal has failed. */
    void wakeAll() {
        waiters.forEach(Waiter::wake);
        waiters.clear();
    }
}
