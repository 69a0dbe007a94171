package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads wait for a group commit. One that is not woken, or a leader without successor, would run out of time. */
@Timeout(60)
class LogWaitersTest {
    private static final int THREADS = 6;
    private static final int APPENDS_OF_EACH = 40;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void threadsThatWaitForSpaceForWritesAndForFlushesAllGoOn() throws Exception {
        long blocks = 10_000;
        TestLog log = TestLog.plain(blocks);
        List<Future<Integer>> workers = new ArrayList<>();
        try (Journal journal = start(new GatedDevice(log.disk), blocks)) {
            for (int worker = 0; worker < THREADS; worker++) {
                Random random = new Random(worker);
                workers.add(threads.submit(() -> appendAndWait(journal, random)));
            }
            int pages = 0;
            for (Future<Integer> worker : workers) {
                pages += worker.get();
            }
            journal.commitAll();
            assertEquals(pages, log.scan(0).result().pageCount());
        }
    }

    /** Appends of a few pages, and some of a fifth of the staging memory; returns how many pages were appended. */
    private static int appendAndWait(Journal journal, Random random) throws IOException {
        TestRuns requests = new TestRuns();
        int pages = 0;
        for (int i = 0; i < APPENDS_OF_EACH; i++) {
            int stripes = random.nextInt(8) == 0 ? 200 : 1 + random.nextInt(4);
            LogTicket ticket = append(journal, requests, stripes);
            pages += stripes;
            switch (random.nextInt(4)) {
                case 0 -> journal.awaitWritten(ticket);
                case 1 -> journal.commitAll();
                case 2 -> journal.commit(ticket);
                default -> journal.checkpoint();
            }
        }
        return pages;
    }

    @Test
    void anInterruptDoesNotEndTheWaitForAFlush() throws Exception {
        TestLog log = TestLog.plain(100);
        GatedDevice device = new GatedDevice(log.disk);
        TestRuns requests = new TestRuns();
        try (Journal journal = start(device, 100)) {
            int flushesBefore = device.flushesBegun.get();
            device.close(device.flushes);
            LogTicket first = append(journal, requests, 1);
            Future<Boolean> leader = threads.submit(() -> commitInterrupted(journal, first));
            GatedDevice.await(device.flushesBegun, flushesBefore + 1);
            LogTicket second = append(journal, requests, 1);
            Future<Boolean> waiter = threads.submit(() -> commitInterrupted(journal, second));
            Thread.sleep(50);
            assertFalse(waiter.isDone());
            device.open(device.flushes);
            assertTrue(leader.get());
            assertTrue(waiter.get());
            assertEquals(flushesBefore + 2, device.flushesBegun.get());
        }
    }

    /** True if the thread is still interrupted after the commit. */
    private static boolean commitInterrupted(Journal journal, LogTicket ticket) throws IOException {
        Thread.currentThread().interrupt();
        journal.commit(ticket);
        return Thread.interrupted();
    }

    private static LogTicket append(Journal journal, TestRuns requests, int stripes) throws IOException {
        LogTicket ticket = journal.tryAppend(List.of(requests.run(8, stripes, 1, 0)));
        assertNotNull(ticket);
        return ticket;
    }

    private static Journal start(GatedDevice device, long blocks) throws IOException {
        LogArea area = new LogArea(device, TestLog.START_BYTES, blocks * 8);
        return Journal.startAt(area, TestLog.CHECKSUM, TestLog::forgetTail, new LogPosition(0, 1));
    }
}
