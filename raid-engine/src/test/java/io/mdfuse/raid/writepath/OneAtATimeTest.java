package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OneAtATimeTest {
    @Test
    void requestsDuringARunCauseOneMoreRun() {
        ArrayDeque<Runnable> queued = new ArrayDeque<>();
        int[] runs = {0};
        OneAtATime[] tasks = new OneAtATime[1];
        tasks[0] = new OneAtATime(
                () -> {
                    if (runs[0]++ == 0) {
                        tasks[0].request();
                        tasks[0].request();
                    }
                },
                queued::add);
        tasks[0].request();
        tasks[0].request();
        assertEquals(1, queued.size());
        queued.remove().run();
        assertEquals(2, runs[0]);
        tasks[0].request();
        assertEquals(1, queued.size(), "it is idle again");
    }

    @Test
    void aTaskThatThrowsCanBeRequestedAgain() {
        ArrayDeque<Runnable> queued = new ArrayDeque<>();
        OneAtATime task = new OneAtATime(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                queued::add);
        task.request();
        assertThrows(IllegalStateException.class, queued.remove()::run);
        task.request();
        assertEquals(1, queued.size());
    }

    @Test
    void aRequestDuringARunThatThrowsIsNotLost() {
        ArrayDeque<Runnable> queued = new ArrayDeque<>();
        int[] runs = {0};
        OneAtATime[] tasks = new OneAtATime[1];
        tasks[0] = new OneAtATime(
                () -> {
                    if (runs[0]++ == 0) {
                        tasks[0].request();
                        throw new IllegalStateException("on purpose");
                    }
                },
                queued::add);
        tasks[0].request();
        assertThrows(IllegalStateException.class, queued.remove()::run);
        queued.remove().run();
        assertEquals(2, runs[0]);
        tasks[0].close();
    }

    /** A task that was refused does not count as running, so it can be requested again. */
    @Test
    void aTaskThatTheExecutorRefusesCanBeRequestedAgain() {
        ArrayDeque<Runnable> queued = new ArrayDeque<>();
        boolean[] refuse = {true};
        OneAtATime task = new OneAtATime(() -> {}, run -> {
            if (refuse[0]) {
                throw new RejectedExecutionException("on purpose");
            }
            queued.add(run);
        });
        assertThrows(RejectedExecutionException.class, task::request);
        refuse[0] = false;
        task.request();
        assertEquals(1, queued.size());
        queued.remove().run();
        task.close();
    }

    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(thread.isAlive(), "it does not wait");
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeWaitsForTheRunAndForgetsARequestForOneMore() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            OneAtATime task = new OneAtATime(
                    () -> {
                        runs.incrementAndGet();
                        begun.countDown();
                        assertDoesNotThrow(() -> mayEnd.await());
                    },
                    threads);
            task.request();
            begun.await();
            Thread closing = new Thread(task::close);
            closing.start();
            awaitWaiting(closing);
            task.request();
            mayEnd.countDown();
            closing.join();
            task.request();
        }
        assertEquals(1, runs.get());
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itNeverRunsTwiceAtOnceAndForgetsNoRequest() throws Exception {
        AtomicInteger requested = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            OneAtATime task = new OneAtATime(
                    () -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        seen.set(requested.get());
                        running.decrementAndGet();
                    },
                    threads);
            CountDownLatch end = new CountDownLatch(4);
            for (int i = 0; i < 4; i++) {
                threads.execute(() -> {
                    for (int n = 0; n < 20_000; n++) {
                        requested.incrementAndGet();
                        task.request();
                    }
                    end.countDown();
                });
            }
            assertTrue(end.await(15, TimeUnit.SECONDS));
            threads.shutdown();
            assertTrue(threads.awaitTermination(5, TimeUnit.SECONDS));
        }
        assertEquals(1, most.get());
        assertEquals(80_000, seen.get());
    }
}
