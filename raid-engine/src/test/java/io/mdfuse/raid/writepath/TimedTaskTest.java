package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A timed task runs on a worker, once at a time, and not after it was closed. */
@Timeout(60)
class TimedTaskTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final TaskThreads threads = new TaskThreads(timer, workers);

    /** A run of the task, in progress until the test lets it end. */
    private static final class Run {
        private final Thread thread = Thread.currentThread();
        private final CountDownLatch mayEnd = new CountDownLatch(1);
    }

    private final BlockingQueue<Run> runs = new LinkedBlockingQueue<>();
    private final AtomicInteger running = new AtomicInteger();

    private void work() {
        assertEquals(1, running.incrementAndGet(), "runs at once");
        Run run = new Run();
        runs.add(run);
        try {
            run.mayEnd.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.decrementAndGet();
        }
    }

    @AfterEach
    void endThreads() {
        timer.shutdownNow();
        workers.shutdownNow();
    }

    /** Returns once the timer has done everything that was due before this call. */
    private void awaitTimer() throws Exception {
        timer.schedule(() -> {}, 1, TimeUnit.MILLISECONDS).get();
    }

    @Test
    void itRunsOnAWorker() throws Exception {
        TimedTask task = threads.task(this::work);
        task.runAfter(0);
        Run run = runs.take();
        Thread timerThread = timer.submit(Thread::currentThread).get();
        assertNotEquals(timerThread, run.thread);
        run.mayEnd.countDown();
        task.close();
    }

    @Test
    void aTaskThatIsScheduledIsNotScheduledAgain() throws Exception {
        AtomicInteger count = new AtomicInteger();
        TimedTask task = threads.task(count::incrementAndGet);
        task.runAfter(20);
        task.runAfter(0);
        task.runAfter(0);
        awaitTimer();
        timer.schedule(() -> {}, 40, TimeUnit.MILLISECONDS).get();
        task.close();
        assertEquals(1, count.get());
    }

    /** Its time comes twice while it runs: one more run follows. */
    @Test
    void aRunThatIsDueMeanwhileFollows() throws Exception {
        TimedTask task = threads.task(this::work);
        task.runAfter(0);
        Run first = runs.take();
        task.runAfter(0);
        awaitTimer();
        task.runAfter(0);
        awaitTimer();
        assertTrue(runs.isEmpty(), "not twice at once");
        first.mayEnd.countDown();
        runs.take().mayEnd.countDown();
        task.close();
        assertTrue(runs.isEmpty(), "one more is enough");
    }

    @Test
    void aRunThatThrowsIsNotTheLast() throws Exception {
        AtomicInteger count = new AtomicInteger();
        TimedTask task = new TimedTask(
                () -> {
                    count.incrementAndGet();
                    throw new IllegalStateException("of the test");
                },
                timer,
                run -> {
                    try {
                        run.run();
                    } catch (IllegalStateException e) {
                        assertEquals("of the test", e.getMessage());
                    }
                });
        for (int i = 1; i <= 3; i++) {
            task.runAfter(0);
            awaitTimer();
            assertEquals(i, count.get());
        }
        task.close();
    }

    @Test
    void closeWaitsForTheRunUnderWay() throws Exception {
        TimedTask task = threads.task(this::work);
        task.runAfter(0);
        Run run = runs.take();
        Thread closing = new Thread(task::close);
        closing.start();
        while (closing.getState() != Thread.State.WAITING) {
            assertTrue(closing.isAlive(), "the run is under way");
            Thread.sleep(1);
        }
        task.runAfter(0);
        run.mayEnd.countDown();
        closing.join();
        awaitTimer();
        assertTrue(runs.isEmpty());
    }

    @Test
    void nothingRunsAfterClose() throws Exception {
        TimedTask task = threads.task(this::work);
        task.runAfter(5);
        task.close();
        task.runAfter(0);
        timer.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).get();
        assertTrue(runs.isEmpty());
        task.close();
    }

    /** As at the end of an array: the threads refuse tasks, and neither runAfter nor close throws or hangs. */
    @Test
    void threadsThatHaveEndedAreNoError() throws Exception {
        TimedTask task = threads.task(this::work);
        workers.shutdown();
        task.runAfter(0);
        awaitTimer();
        timer.shutdownNow();
        task.runAfter(0);
        task.close();
        assertTrue(runs.isEmpty());
    }
}
