package io.mdfuse.raid.array;

import io.mdfuse.raid.event.RecoveryProgress;
import io.mdfuse.raid.writepath.TaskThreads;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock, the threads and the random numbers of one array. They are given from outside, so that a test can run a
 * complete array in one thread and repeat it exactly.
 *
 * @param clock gives the update times of the superblocks
 * @param timer starts delayed and periodic tasks on the workers; one thread, which touches no device
 * @param workers run everything that is not part of a request: timed tasks, passes, reclaims of journal space, and
 *     flushes of several members in parallel
 * @param random gives UUIDs of new devices and the sequence number of a new log
 * @param requests the number of requests that may be in progress at the same time
 * @param recoveryProgress learns how far the replay of a journal has come
 */
public record ArrayRuntime(
        InstantSource clock,
        ScheduledExecutorService timer,
        ExecutorService workers,
        RandomGenerator random,
        int requests,
        RecoveryProgress recoveryProgress) {
    private static final Logger LOG = LoggerFactory.getLogger(ArrayRuntime.class);

    /** A runtime that shows no progress. */
    ArrayRuntime(
            InstantSource clock,
            ScheduledExecutorService timer,
            ExecutorService workers,
            RandomGenerator random,
            int requests) {
        this(clock, timer, workers, random, requests, RecoveryProgress.NONE);
    }

    /** The system's clock, daemon threads, and secure random numbers. */
    public static ArrayRuntime real(int requests) {
        return new ArrayRuntime(
                InstantSource.system(),
                Executors.newSingleThreadScheduledExecutor(daemons("mdfuse-timer")),
                Executors.newCachedThreadPool(daemons("mdfuse-worker")),
                new java.security.SecureRandom(),
                requests);
    }

    /** A copy with another value of {@link #recoveryProgress}. */
    public ArrayRuntime withRecoveryProgress(RecoveryProgress wanted) {
        return new ArrayRuntime(clock, timer, workers, random, requests, wanted);
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
            thread.setUncaughtExceptionHandler(
                    (ended, thrown) -> LOG.error("{} met a fault of the program", ended.getName(), thrown));
            return thread;
        };
    }

    /** Ends the threads. Timed tasks were closed before: this does not wait for what a worker still runs. */
    void shutdown() {
        timer.shutdownNow();
        workers.shutdown();
    }
}
