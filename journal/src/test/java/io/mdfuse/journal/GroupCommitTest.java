package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Survival;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several threads append and commit at the same time. */
@Timeout(60)
class GroupCommitTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final TestRuns requests = new TestRuns();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void oneFlushServesAllCommitsThatArriveDuringTheFlushBefore() throws Exception {
        TestLog log = TestLog.plain(500);
        GatedDevice device = new GatedDevice(log.disk);
        try (Journal journal = start(device, 500)) {
            int flushesBefore = device.flushesBegun.get();
            device.close(device.flushes);
            List<Future<?>> commits = new ArrayList<>();
            commits.add(threads.submit(appendAndCommit(journal, 0)));
            GatedDevice.await(device.flushesBegun, flushesBefore + 1);
            for (int i = 1; i <= 20; i++) {
                LogTicket ticket = append(journal, i);
                commits.add(threads.submit(() -> commit(journal, ticket)));
            }
            device.open(device.flushes);
            for (Future<?> commit : commits) {
                commit.get();
            }
            assertEquals(flushesBefore + 2, device.flushesBegun.get());
        }
        assertEquals(42, log.scan(0).lines().size());
    }

    @Test
    void manyThreadsCommitWithFewerFlushesThanCommits() throws Exception {
        TestLog log = TestLog.plain(2000);
        GatedDevice device = new GatedDevice(log.disk);
        int commitsOfEach = 50;
        try (Journal journal = start(device, 2000)) {
            int flushesBefore = device.flushesBegun.get();
            device.close(device.flushes);
            List<Future<?>> workers = new ArrayList<>();
            for (int worker = 0; worker < 8; worker++) {
                int first = worker * commitsOfEach;
                workers.add(threads.submit(() -> {
                    for (int i = 0; i < commitsOfEach; i++) {
                        appendAndCommit(journal, first + i).call();
                    }
                    return null;
                }));
            }
            int passed = 0;
            while (workers.stream().anyMatch(worker -> !worker.isDone())) {
                device.flushes.release();
                passed++;
                Thread.sleep(1);
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
            int flushes = device.flushesBegun.get() - flushesBefore;
            assertTrue(flushes < 8 * commitsOfEach, flushes + " flushes, " + passed + " permits");
        }
        assertEquals(8 * commitsOfEach * 2, log.scan(0).lines().size());
    }

    @Test
    void aCommittedAppendSurvivesAPowerFailureAndAStagedOneDoesNot() throws Exception {
        TestLog log = TestLog.plain(100);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            List<StripeRun> first = List.of(requests.run(8, 1, 1, 1));
            List<StripeRun> second = List.of(requests.run(16, 1, 1, 1));
            LogTicket ticket = journal.tryAppend(first);
            assertNotNull(ticket);
            journal.commit(ticket);
            assertNotNull(journal.tryAppend(second));

            assertEquals(
                    TestRuns.lines(first),
                    scanAfterPowerFailure(log, new Survival.None()).lines());
            assertEquals(
                    TestRuns.lines(first),
                    scanAfterPowerFailure(log, new Survival.All()).lines());
        }
    }

    @Test
    void aWrittenAppendSurvivesTheProcessAndALaterCommitFlushesIt() throws Exception {
        TestLog log = TestLog.plain(100);
        GatedDevice device = new GatedDevice(log.disk);
        try (Journal journal = start(device, 100)) {
            int flushesBefore = device.flushesBegun.get();
            List<StripeRun> runs = List.of(requests.run(8, 1, 1, 0));
            LogTicket ticket = journal.tryAppend(runs);
            assertNotNull(ticket);
            journal.awaitWritten(ticket);

            assertEquals(flushesBefore, device.flushesBegun.get());
            assertEquals(
                    List.of(), scanAfterPowerFailure(log, new Survival.None()).lines());
            assertEquals(
                    TestRuns.lines(runs),
                    scanAfterPowerFailure(log, new Survival.All()).lines());

            int writes = device.writesBegun.get();
            journal.commitAll();
            assertEquals(writes, device.writesBegun.get());
            assertEquals(flushesBefore + 1, device.flushesBegun.get());
            assertEquals(
                    TestRuns.lines(runs),
                    scanAfterPowerFailure(log, new Survival.None()).lines());
            journal.commit(ticket);
            journal.commitAll();
            assertEquals(flushesBefore + 1, device.flushesBegun.get());
        }
    }

    @Test
    void anAppendThatFindsTheStagingMemoryFullWritesTheBatchItself() throws Exception {
        long blocks = 4000;
        TestLog log = TestLog.plain(blocks);
        GatedDevice device = new GatedDevice(log.disk);
        List<String> expected = new ArrayList<>();
        try (Journal journal = start(device, blocks)) {
            int flushesBefore = device.flushesBegun.get();
            // Twice the staging memory of 4 MiB, and no thread waits for any of these appends.
            for (int i = 0; i < 8; i++) {
                List<StripeRun> runs = List.of(requests.run(8L * i, 128, 1, 1));
                assertNotNull(journal.tryAppend(runs));
                expected.addAll(TestRuns.lines(runs));
            }
            assertTrue(device.writesBegun.get() > 2);
            assertEquals(flushesBefore, device.flushesBegun.get());
            journal.commitAll();
            assertEquals(flushesBefore + 1, device.flushesBegun.get());
        }
        assertEquals(expected, log.scan(0).lines());
    }

    @Test
    void appendsFillTheOtherBufferWhileOneIsWrittenAndWaitIfBothAreFull() throws Exception {
        long blocks = 4000;
        TestLog log = TestLog.plain(blocks);
        GatedDevice device = new GatedDevice(log.disk);
        try (Journal journal = start(device, blocks)) {
            int writesBefore = device.writesBegun.get();
            device.close(device.writes);
            LogTicket first = appendLarge(journal);
            Future<?> commit = threads.submit(() -> commit(journal, first));
            GatedDevice.await(device.writesBegun, writesBefore + 1);
            appendLarge(journal);
            Future<?> third = threads.submit(() -> appendLarge(journal));
            Thread.sleep(50);
            assertFalse(third.isDone());
            assertFalse(commit.isDone());
            device.open(device.writes);
            third.get();
            commit.get();
            journal.commitAll();
        }
        assertEquals(3 * 900, log.scan(0).result().pageCount());
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "FLUSH"})
    void aFailureIsFinalAndEveryWaitingThreadGetsIt(FaultPlan.Verb verb) throws Exception {
        TestLog log = TestLog.plain(100);
        FaultPlan plan = new FaultPlan(1);
        GatedDevice device = new GatedDevice(new FaultyDevice(log.disk, plan));
        try (Journal journal = start(device, 100)) {
            LogTicket good = append(journal, 1);
            journal.commit(good);
            plan.failNth(verb, plan.calls(verb) + 1);

            device.close(device.flushes);
            device.close(device.writes);
            List<Future<?>> commits = new ArrayList<>();
            for (int i = 2; i < 6; i++) {
                LogTicket ticket = append(journal, i);
                commits.add(threads.submit(() -> commit(journal, ticket)));
            }
            device.open(device.writes);
            device.open(device.flushes);

            for (Future<?> commit : commits) {
                ExecutionException thrown = assertThrows(ExecutionException.class, commit::get);
                assertTrue(thrown.getCause() instanceof JournalFailedException, thrown.toString());
                assertTrue(thrown.toString().contains("journal journal.img has failed: journal.img: "));
            }
            assertTrue(journal.hasFailed());
            journal.commit(good);
            List<StripeRun> more = List.of(requests.run(8, 1, 1, 1));
            assertThrows(JournalFailedException.class, () -> journal.tryAppend(more));
            assertThrows(JournalFailedException.class, () -> journal.tryAppendFlush(new long[] {8}));
            assertThrows(JournalFailedException.class, journal::commitAll);
            assertThrows(JournalFailedException.class, journal::checkpoint);
            assertThrows(JournalFailedException.class, () -> journal.reclaimTo(good.firstMetaBlock()));
        }
        TestLog.Scan scan = scanAfterPowerFailure(log, new Survival.None());
        assertTrue(scan.result().tailValid());
    }

    @Test
    void pagesFreedWhileTheyAreCopiedFailTheJournalInsteadOfLoggingHalfAStripe() throws Exception {
        TestLog log = TestLog.plain(100);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            Arena arena = Arena.ofShared();
            StripeRun freed = new StripeRun(
                    0, 1, new FreeingList(new DataColumn(0, arena.allocate(4096)), arena), arena.allocate(4096), null);
            assertThrows(IllegalStateException.class, () -> journal.tryAppend(List.of(freed)));
            assertTrue(journal.hasFailed());
        }
        assertEquals(List.of(), log.scan(0).lines());
    }

    /**
     * A list that frees the memory of its pages at the third iteration: the first ones are those of the checksums, the
     * third is that of the copy.
     */
    private static final class FreeingList extends AbstractList<DataColumn> {
        private final DataColumn column;
        private final Arena arena;
        private int walks;

        FreeingList(DataColumn column, Arena arena) {
            this.column = column;
            this.arena = arena;
        }

        @Override
        public DataColumn get(int index) {
            walks++;
            if (walks == 3) {
                arena.close();
            }
            return column;
        }

        @Override
        public int size() {
            return 1;
        }
    }

    @Test
    void anAppendWithoutLogSpaceLeavesTheLogUnchanged() throws Exception {
        TestLog log = TestLog.plain(20);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            List<StripeRun> large = List.of(requests.run(0, 5, 1, 1));
            List<StripeRun> small = List.of(requests.run(0, 2, 1, 1));
            assertNotNull(journal.tryAppend(large));
            long used = journal.usedSectors();
            assertNull(journal.tryAppend(large));
            assertEquals(used, journal.usedSectors());
            assertNotNull(journal.tryAppend(small));
            assertNull(journal.tryAppend(small));
            journal.commitAll();
            assertEquals(14, log.scan(0).lines().size());
        }
    }

    @Test
    void malformedRequestsAreRefused() throws Exception {
        TestLog log = TestLog.plain(100);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            StripeRun good = requests.run(8, 2, 1, 2);
            DataColumn column = good.data().getFirst();
            List<StripeRun> malformed = List.of(
                    new StripeRun(8, 0, good.data(), good.p(), good.q()),
                    new StripeRun(9, 2, good.data(), good.p(), good.q()),
                    new StripeRun(-8, 2, good.data(), good.p(), good.q()),
                    new StripeRun(8, 2, List.of(), null, null),
                    new StripeRun(8, 2, good.data(), null, good.q()),
                    new StripeRun(8, 3, good.data(), good.p(), good.q()),
                    new StripeRun(8, 2, List.of(new DataColumn(12, column.pages())), null, null),
                    requests.run(8, 1, 204, 0),
                    requests.run(8, 1, 203, 1),
                    requests.run(8, 50, 1, 1));
            for (StripeRun run : malformed) {
                assertThrows(IllegalArgumentException.class, () -> journal.tryAppend(List.of(run)));
            }
            assertThrows(IllegalArgumentException.class, () -> journal.tryAppend(List.of()));
            assertThrows(IllegalArgumentException.class, () -> journal.tryAppendFlush(new long[0]));
            assertEquals(8, journal.usedSectors());
            assertFalse(journal.hasFailed());
        }
    }

    private static Journal start(GatedDevice device, long blocks) throws IOException {
        LogArea area = new LogArea(device, TestLog.START_BYTES, blocks * 8);
        return Journal.startAt(area, TestLog.CHECKSUM, TestLog::forgetTail, new LogPosition(0, 1));
    }

    private Callable<Void> appendAndCommit(Journal journal, int stripe) {
        return () -> {
            journal.commit(append(journal, stripe));
            return null;
        };
    }

    private static Void commit(Journal journal, LogTicket ticket) throws JournalFailedException {
        journal.commit(ticket);
        return null;
    }

    private synchronized LogTicket append(Journal journal, int stripe) throws JournalFailedException {
        LogTicket ticket = journal.tryAppend(List.of(requests.run(8L * stripe, 1, 1, 1)));
        assertNotNull(ticket);
        return ticket;
    }

    private LogTicket appendLarge(Journal journal) throws JournalFailedException {
        LogTicket ticket = journal.tryAppend(List.of(requests.run(0, 300, 2, 1)));
        assertNotNull(ticket);
        return ticket;
    }

    private static TestLog.Scan scanAfterPowerFailure(TestLog log, Survival survival) throws IOException {
        return TestLog.scan(TestLog.areaOf(log.disk.crashed(survival, CrashTrace.notRecording())), 0);
    }
}
