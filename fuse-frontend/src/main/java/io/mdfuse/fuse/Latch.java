package io.mdfuse.fuse;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A latch whose waiters are not turned away by an interrupt: the end of a mount and the closing of an array are
 * waited for to the end, since to leave early would be to lose what is still being written.
 */
final class Latch {
    private final CountDownLatch latch;

    Latch(int count) {
        latch = new CountDownLatch(count);
    }

    void countDown() {
        latch.countDown();
    }

    boolean isOpen() {
        return latch.getCount() == 0;
    }

    void await() {
        while (!await(Duration.ofDays(1))) {
            Thread.onSpinWait();
        }
    }

    /** Waits at most so long; whether the latch is open then. The thread's interrupt status is kept. */
    boolean await(Duration patience) {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return latch.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
