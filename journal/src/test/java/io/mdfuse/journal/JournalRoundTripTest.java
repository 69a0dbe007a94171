package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scan finds exactly what was appended, wherever the end of the ring is crossed. */
class JournalRoundTripTest {
    /** An append not released: a scan from the tail must find its records. */
    private record Unreleased(LogTicket ticket, List<String> lines) {}

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aScanFindsRandomRequestsAsTheyWereAppended(int seed) throws IOException {
        Random random = new Random(seed);
        TestRuns requests = new TestRuns();
        TestLog log = TestLog.plain(random.nextInt(40, 120));
        AtomicLong tail = new AtomicLong(-1);
        Deque<Unreleased> unreleased = new ArrayDeque<>();
        try (Journal journal = log.start(tail::set, random.nextInt(40))) {
            for (int step = 0; step < 300; step++) {
                List<StripeRun> runs = requests.request(random, journal.largestAppendSectors());
                LogTicket ticket = journal.tryAppend(runs);
                while (ticket == null) {
                    journal.commitAll();
                    if (!unreleased.isEmpty()) {
                        journal.release(unreleased.removeFirst().ticket());
                    }
                    journal.reclaimTo(journal.checkpoint());
                    ticket = journal.tryAppend(runs);
                }
                unreleased.add(new Unreleased(ticket, TestRuns.lines(runs)));
                if (random.nextInt(3) == 0) {
                    journal.commit(ticket);
                    assertScanEndsWith(log, tail.get(), unreleased);
                }
            }
        }
    }

    /** The scan may find earlier records too, if a released append shares its meta block with one not released. */
    private static void assertScanEndsWith(TestLog log, long tail, Deque<Unreleased> unreleased) throws IOException {
        List<String> expected = new ArrayList<>();
        unreleased.forEach(append -> expected.addAll(append.lines()));
        TestLog.Scan scan = log.scan(tail);
        assertTrue(scan.result().tailValid());
        assertNull(scan.result().tornEnd());
        assertEquals(List.of(), scan.result().damagedPages());
        List<String> lines = scan.lines();
        assertTrue(lines.size() >= expected.size(), "something was lost");
        assertEquals(expected, lines.subList(lines.size() - expected.size(), lines.size()));
    }

    @Test
    void anAppendMayCrossTheEndOfTheRingAnywhere() throws IOException {
        int blocks = 18;
        for (int start = 0; start < blocks; start++) {
            for (int parities = 0; parities <= 2; parities++) {
                TestLog log = TestLog.plain(blocks);
                TestRuns requests = new TestRuns();
                List<StripeRun> runs = List.of(requests.run(80, 2, 3, parities), requests.run(800, 1, 1, parities));
                try (Journal journal = log.start(TestLog::forgetTail, start)) {
                    LogTicket ticket = journal.tryAppend(runs);
                    assertNotNull(ticket);
                    journal.commit(ticket);
                    assertEquals(
                            log.area.add(start * 8L, 8), ticket.firstMetaBlock().sector());
                }
                TestLog.Scan scan = log.scan(start * 8L);
                assertEquals(TestRuns.lines(runs), scan.lines());
                int pages = 7 + 3 * parities;
                assertEquals(
                        log.area.add(start * 8L, (2L + pages) * 8),
                        scan.result().end().sector());
                assertEquals(TestLog.FIRST_SEQUENCE + 2, scan.result().end().sequence());
                assertEquals(pages, scan.result().pageCount());
            }
        }
    }

    @Test
    void aLongRunNeedsSeveralMetaBlocksAndNoStripeIsSplit() throws IOException {
        TestLog log = TestLog.plain(600);
        StripeRun run = new TestRuns().run(0, 100, 3, 2);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            LogTicket ticket = journal.tryAppend(List.of(run));
            assertNotNull(ticket);
            journal.commit(ticket);
            assertEquals(8 + Journal.sectorsFor(List.of(run)), journal.usedSectors());
        }
        TestLog.Scan scan = log.scan(0);
        assertEquals(TestRuns.lines(List.of(run)), scan.lines());
        // 3 x 20 + 24 bytes for each stripe: 48 stripes in a block, so 100 need three, behind the empty first one.
        assertEquals(
                List.of(0, 48 * 4, 48 * 4, 4 * 4),
                scan.blocks().stream().map(b -> b.records().size()).toList());
    }

    @Test
    void smallAppendsOfOneBatchShareAMetaBlock() throws IOException {
        TestLog log = TestLog.plain(100);
        TestRuns requests = new TestRuns();
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            List<LogTicket> tickets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                LogTicket ticket = journal.tryAppend(List.of(requests.run(i * 8L, 1, 1, 1)));
                assertNotNull(ticket);
                tickets.add(ticket);
            }
            journal.commit(tickets.get(2));
            assertEquals((1 + 1 + 10) * 8, journal.usedSectors());
            tickets.forEach(ticket -> assertEquals(8, ticket.firstMetaBlock().sector()));
        }
        assertEquals(2, log.scan(0).blocks().size());
    }

    @Test
    void aScanFindsFlushRecords() throws IOException {
        TestLog log = TestLog.plain(100);
        long[] stripes = new long[300];
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = 8L * i;
            expected.add("flush [" + 8L * i + "]");
        }
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            assertNotNull(journal.tryAppendFlush(stripes));
            journal.commitAll();
        }
        TestLog.Scan scan = log.scan(0);
        assertEquals(expected, scan.lines());
        assertEquals(
                List.of(0, 254, 46),
                scan.blocks().stream().map(b -> b.records().size()).toList());
    }
}
