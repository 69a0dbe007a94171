package io.mdfuse.raid.array;

import io.mdfuse.raid.writepath.TaskThreads;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Time, threads and chance for one array, handed in from outside so that a simulator can own all three.
 *
 * @param clock tells when the array was last changed
 * @param timer wakes what is to run after a time; one thread, which touches no device
 * @param workers run all that is not done by a request: timed tasks, flushes of members side by side, reclaims, passes
 * @param random the sequence number of a fresh log
 * @param requests how many requests may be under way at once
 */
public record ArrayRuntime(
        InstantSource clock,
        ScheduledExecutorService timer,
        ExecutorService workers,
        RandomGenerator random,
        int requests) {
    /** Real time, daemon threads, and true chance. */
    public static ArrayRuntime real(int requests) {
        return new ArrayRuntime(
                InstantSource.system(),
                Executors.newSingleThreadScheduledExecutor(daemons("mdfuse-timer")),
                Executors.newCachedThreadPool(daemons("mdfuse-worker")),
                new java.security.SecureRandom(),
                requests);
    }

    /** The same threads, for parts that have timed tasks. */
    TaskThreads taskThreads() {
        return new TaskThreads(timer, workers);
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Ends the threads. Timed tasks were closed before: this does not wait for what a worker still runs. */
    void shutdown() {
        timer.shutdownNow();
        workers.shutdown();
    }
}
