package io.mdfuse.fuse;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A latch whose wait is not ended by an interrupt: a thread that waits for the end of a mount or the closing of an
 * array must wait until it has happened, or data that is still being written would be lost.
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

    /** Waits at most that long; returns whether the latch is open. The thread's interrupt status is kept. */
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
