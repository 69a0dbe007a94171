package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order log space is reclaimed, and up to which position. */
class ReclaimTest {
    private final TestRuns requests = new TestRuns();

    @Test
    void theTailIsStoredBeforeTheRangeIsTrimmedAndTrimmedBeforeItIsReused() throws IOException {
        TestLog log = TestLog.recording(20);
        CrashDiskTailStore tail = new CrashDiskTailStore(log.trace);
        try (Journal journal = log.start(tail, 0)) {
            LogTicket first = append(journal, 5);
            journal.commit(first);
            journal.release(first);
            LogPosition checkpoint = journal.checkpoint();
            int before = log.trace.length();
            journal.reclaimTo(checkpoint);
            LogTicket second = append(journal, 7);
            journal.commit(second);

            List<String> order = new ArrayList<>();
            for (DiskEvent event : log.trace.events().subList(before, log.trace.length())) {
                order.add(
                        switch (event) {
                            case DiskEvent.Write write -> write.disk() == 0 ? "log write" : "tail write";
                            case DiskEvent.Flush flush -> flush.disk() == 0 ? "log flush" : "tail flush";
                            case DiskEvent.Trim trim -> "trim of " + trim.lengthBytes() / 4096;
                        });
            }
            // The first append used 11 blocks from block 1 on, the checkpoint one empty block. The second append, of 15
            // blocks from block 13 on, crosses the end of the ring: all but its first meta block are written in two
            // parts, then that block.
            assertEquals(
                    List.of(
                            "tail write",
                            "tail flush",
                            "trim of 12",
                            "log write",
                            "log write",
                            "log write",
                            "log flush"),
                    order);
        }
    }

    @Test
    void aTailThatCannotBeStoredFreesNothing() throws IOException {
        TestLog log = TestLog.plain(40);
        boolean[] broken = {false};
        TailStore store = tail -> {
            if (broken[0]) {
                throw new IOException("no superblock could be written");
            }
        };
        try (Journal journal = log.start(store, 0)) {
            LogTicket ticket = append(journal, 5);
            journal.commit(ticket);
            journal.release(ticket);
            LogPosition checkpoint = journal.checkpoint();
            long used = journal.usedSectors();
            long bytes = log.disk.pendingCount();
            broken[0] = true;

            assertThrows(IOException.class, () -> journal.reclaimTo(checkpoint));

            assertEquals(used, journal.usedSectors());
            assertEquals(bytes, log.disk.pendingCount());
            broken[0] = false;
            journal.reclaimTo(checkpoint);
            assertEquals(8, journal.usedSectors());
        }
    }

    @Test
    void anErrorOfTheTrimIsIgnored() throws IOException {
        TestLog log = TestLog.plain(40);
        FaultPlan plan = new FaultPlan(1).failAtRandom(FaultPlan.Verb.TRIM, 1);
        LogArea area = new LogArea(new FaultyDevice(log.disk, plan), TestLog.START_BYTES, 40 * 8);
        try (Journal journal = Journal.startAt(area, TestLog.CHECKSUM, TestLog::forgetTail, new LogPosition(0, 1))) {
            LogTicket ticket = append(journal, 5);
            journal.release(ticket);
            journal.reclaimTo(journal.checkpoint());

            assertEquals(1, plan.failures());
            assertEquals(8, journal.usedSectors());
            journal.commit(append(journal, 5));
        }
    }

    @Test
    void anAreaWithoutTrimIsNotTrimmed() throws IOException {
        TestLog log = TestLog.recording(40);
        LogArea area = log.area.withoutTrim();
        try (Journal journal = Journal.startAt(area, TestLog.CHECKSUM, TestLog::forgetTail, new LogPosition(0, 1))) {
            journal.release(append(journal, 5));
            journal.reclaimTo(journal.checkpoint());

            assertEquals(8, journal.usedSectors());
            assertTrue(log.trace.events().stream().noneMatch(event -> event instanceof DiskEvent.Trim));
        }
    }

    @Test
    void reclaimToACheckpointBehindTheTailDoesNothing() throws IOException {
        TestLog log = TestLog.recording(40);
        CrashDiskTailStore tail = new CrashDiskTailStore(log.trace);
        try (Journal journal = log.start(tail, 33)) {
            LogTicket first = append(journal, 3);
            journal.commitAll();
            LogPosition early = journal.checkpoint();
            journal.release(first);
            LogPosition late = journal.checkpoint();
            journal.reclaimTo(late);
            int events = log.trace.length();

            assertEquals(0, journal.reclaimableSectors(early));
            journal.reclaimTo(early);

            assertEquals(events, log.trace.length());
            assertEquals(8, journal.usedSectors());
            assertEquals(late.sector(), tail.stored());
        }
    }

    @Test
    void theCheckpointIsTheOldestAppendNotReleased() throws IOException {
        TestLog log = TestLog.plain(100);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            List<LogTicket> tickets = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                LogTicket ticket = append(journal, 2);
                journal.commit(ticket);
                tickets.add(ticket);
            }
            LogTicket staged = append(journal, 2);

            assertEquals(tickets.get(0).firstMetaBlock(), journal.checkpoint());
            journal.release(tickets.get(2));
            assertEquals(tickets.get(0).firstMetaBlock(), journal.checkpoint());
            journal.release(tickets.get(0));
            assertEquals(tickets.get(1).firstMetaBlock(), journal.checkpoint());
            journal.release(tickets.get(1));
            assertEquals(tickets.get(3).firstMetaBlock(), journal.checkpoint());
            journal.release(tickets.get(3));
            // A staged append is not on the device yet, so the tail must not name it.
            assertEquals(tickets.get(3).firstMetaBlock(), journal.checkpoint());
            assertEquals(tickets.get(3).firstMetaBlock().sector(), journal.reclaimableSectors(journal.checkpoint()));
            assertThrows(IllegalArgumentException.class, () -> journal.reclaimTo(staged.firstMetaBlock()));
            LogPosition noBlock =
                    new LogPosition(4, tickets.get(3).firstMetaBlock().sequence());
            assertThrows(IllegalArgumentException.class, () -> journal.reclaimTo(noBlock));
            assertThrows(IllegalStateException.class, () -> journal.release(tickets.get(1)));
            journal.commit(staged);
            assertEquals(staged.firstMetaBlock(), journal.checkpoint());
        }
    }

    @Test
    void aLogWhoseEveryAppendIsReleasedHasSpaceForTheLargestAppend() throws IOException {
        for (int blocks = 5; blocks < 40; blocks++) {
            TestLog log = TestLog.plain(blocks);
            List<Long> tails = new ArrayList<>();
            try (Journal journal = log.start(tails::add, blocks - 1)) {
                long largest = journal.largestAppendSectors();
                assertEquals((blocks - 3) * 8L, largest);
                for (int i = 0; i < 5; i++) {
                    LogTicket ticket = append(journal, (int) largest / 8 - 1, 1, 0);
                    assertNull(journal.tryAppend(List.of(requests.run(0, 1, 1, 0))));
                    assertEquals(16, journal.freeSectors());
                    journal.release(ticket);
                    journal.reclaimTo(journal.checkpoint());
                    assertEquals(8, journal.usedSectors());
                    TestLog.Scan scan = log.scan(tails.getLast());
                    assertTrue(scan.result().tailValid());
                    assertEquals(List.of(), scan.lines());
                }
            }
        }
    }

    @Test
    void aCheckpointOfALogThatEndsInAnEmptyBlockWritesNothing() throws IOException {
        TestLog log = TestLog.recording(40);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            int started = log.trace.length();
            assertEquals(new LogPosition(0, TestLog.FIRST_SEQUENCE), journal.checkpoint());
            assertEquals(started, log.trace.length());
            journal.release(append(journal, 3));
            LogPosition checkpoint = journal.checkpoint();
            int rested = log.trace.length();
            assertTrue(rested > started);
            assertEquals(checkpoint, journal.checkpoint());
            journal.reclaimTo(checkpoint);
            assertEquals(checkpoint, journal.checkpoint());
            journal.reclaimTo(checkpoint);
            assertEquals(rested + 1, log.trace.length(), "one trim, and nothing else");
        }
    }

    @Test
    void aFormattedLogIsEmpty() throws IOException {
        TestLog log = TestLog.plain(20);
        Journal.format(log.area, TestLog.CHECKSUM, 0xfedcba98L);

        TestLog.Scan scan = log.scan(0);

        assertEquals(0, log.disk.pendingCount());
        assertTrue(scan.result().tailValid());
        assertEquals(new LogPosition(8, 0xfedcba99L), scan.result().end());
        assertEquals(List.of(), scan.lines());
    }

    private LogTicket append(Journal journal, int stripes) throws JournalFailedException {
        return append(journal, stripes, 1, 1);
    }

    private LogTicket append(Journal journal, int stripes, int slots, int parities) throws JournalFailedException {
        LogTicket ticket = journal.tryAppend(List.of(requests.run(0, stripes, slots, parities)));
        assertNotNull(ticket);
        return ticket;
    }
}
