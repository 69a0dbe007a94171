package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.Survival;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whenever power fails or the process dies, a scan finds every committed append, and nothing that was never appended.
 */
class JournalCrashTest {
    private static final int BLOCKS = 40;

    /** All records ever appended, in log order. The pages of each have unique content, so each is found only once. */
    private final List<String> lines = new ArrayList<>();

    /** From which event on how many of {@link #lines} are committed, and how many from the start are released. */
    private final List<Milestone> milestones = new ArrayList<>();

    /** The number of lines up to the end of each batch: the death of the process leaves complete batches. */
    private final List<Integer> batchEnds = new ArrayList<>(List.of(0));

    private record Milestone(int event, int committedLines, int releasedLines) {}

    /** An append not released; {@code endLine} is the number of lines up to its end. */
    private record Unreleased(LogTicket ticket, int endLine) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aPowerFailureAtAnyEventLosesNothingCommitted(int seed) throws IOException {
        TestLog log = runWorkload(seed);

        long states = new CrashStates(log.trace, 6, 20, seed).forEach(this::checkPowerFailure);

        assertTrue(states > 1000, states + " states");
    }

    private void checkPowerFailure(CrashState state) throws IOException {
        List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
        TestLog.Scan scan = TestLog.scan(TestLog.areaOf(disks.get(0)), new CrashDiskTailStore(disks.get(1)).stored());
        Milestone milestone = milestoneAt(state.prefixLength());
        assertTrue(scan.result().tailValid() || milestone.event() < 0, "the tail names no block");
        int first = firstLine(scan, milestone);
        for (int i = 0; i < scan.lines().size(); i++) {
            String found = scan.lines().get(i);
            String meant = lines.get(first + i);
            if (first + i < milestone.committedLines()) {
                assertEquals(meant, found, "a committed record");
            } else {
                assertTrue(found.equals(meant) || found.contains("damaged"), found + " instead of " + meant);
            }
        }
        assertTrue(first + scan.lines().size() >= milestone.committedLines(), "a committed record is missing");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8})
    void aProcessThatDiesLeavesWholeBatches(int seed) throws IOException {
        TestLog log = runWorkload(seed);
        List<DiskEvent> events = log.trace.events();
        for (int event = 0; event < events.size(); event++) {
            if (!(events.get(event) instanceof DiskEvent.Write write)) {
                continue;
            }
            // The kernel copies a write page by page, and the process can be killed between any two of them.
            for (int doneBytes = 0; doneBytes <= write.bytes().length; doneBytes += 4096) {
                List<CrashDisk> disks = log.trace.materialise(event, new Survival.All());
                disks.get(write.disk())
                        .write(
                                write.offsetBytes(),
                                MemorySegment.ofArray(write.bytes()).asSlice(0, doneBytes));
                checkProcessDeath(event, disks);
            }
        }
    }

    private void checkProcessDeath(int event, List<CrashDisk> disks) throws IOException {
        Milestone milestone = milestoneAt(event);
        if (milestone.event() < 0) {
            return;
        }
        TestLog.Scan scan = TestLog.scan(TestLog.areaOf(disks.get(0)), new CrashDiskTailStore(disks.get(1)).stored());
        assertTrue(scan.result().tailValid());
        assertNull(scan.result().tornEnd());
        assertNull(scan.result().malformed());
        assertEquals(List.of(), scan.result().damagedPages());
        int first = firstLine(scan, milestone);
        int end = first + scan.lines().size();
        assertEquals(lines.subList(first, end), scan.lines());
        assertTrue(end >= milestone.committedLines(), "a committed record is missing");
        assertTrue(scan.lines().isEmpty() || batchEnds.contains(end), "half a batch, up to line " + end);
    }

    /** The line at which the scan begins. It may begin with released records, but must not miss one not released. */
    private int firstLine(TestLog.Scan scan, Milestone milestone) {
        if (scan.lines().isEmpty()) {
            assertTrue(milestone.releasedLines() >= milestone.committedLines(), "everything is missing");
            return milestone.committedLines();
        }
        int first = lines.indexOf(scan.lines().getFirst());
        if (first < 0) {
            // A torn page in the very first record: then no record before it was committed and not released.
            assertTrue(
                    milestone.releasedLines() >= milestone.committedLines(),
                    scan.lines().getFirst());
            return milestone.committedLines();
        }
        assertTrue(
                first <= Math.max(milestone.releasedLines(), milestone.committedLines()), "the scan begins too late");
        assertTrue(
                first <= milestone.releasedLines() || first >= milestone.committedLines(),
                "records not released are missing");
        return first;
    }

    private Milestone milestoneAt(int event) {
        Milestone last = new Milestone(-1, 0, 0);
        for (Milestone milestone : milestones) {
            if (milestone.event() <= event) {
                last = milestone;
            }
        }
        return last;
    }

    /** Appends, commits, releases and reclaims at random, several times around the ring. */
    private TestLog runWorkload(int seed) throws IOException {
        Random random = new Random(seed);
        TestRuns requests = new TestRuns();
        TestLog log = TestLog.recording(BLOCKS);
        CrashDiskTailStore tail = new CrashDiskTailStore(log.trace);
        Deque<Unreleased> unreleased = new ArrayDeque<>();
        int released = 0;
        try (Journal journal = log.start(tail, random.nextInt(BLOCKS))) {
            milestones.add(new Milestone(log.trace.length(), 0, 0));
            for (int step = 0; step < 40; step++) {
                List<StripeRun> runs = requests.request(random, journal.largestAppendSectors() / 3);
                LogTicket ticket = journal.tryAppend(runs);
                if (ticket != null) {
                    lines.addAll(TestRuns.lines(runs));
                    unreleased.add(new Unreleased(ticket, lines.size()));
                }
                boolean full = ticket == null;
                if (full || random.nextInt(3) == 0) {
                    journal.commitAll();
                    batchEnds.add(lines.size());
                    milestones.add(new Milestone(log.trace.length(), lines.size(), released));
                }
                while (full && !unreleased.isEmpty() && random.nextInt(4) > 0) {
                    Unreleased oldest = unreleased.removeFirst();
                    journal.release(oldest.ticket());
                    released = oldest.endLine();
                }
                if (full) {
                    // From here on the new tail may be stored: after a crash either the old or the new tail is found.
                    milestones.add(new Milestone(log.trace.length(), lines.size(), released));
                    journal.reclaimTo(journal.checkpoint());
                }
            }
            journal.commitAll();
            batchEnds.add(lines.size());
            milestones.add(new Milestone(log.trace.length(), lines.size(), released));
        }
        assertTrue(released > 0, "the workload never went once around the ring");
        return log;
    }

    @Test
    void afterARestartBehindATornEndTheTornBlocksAreNotFound() throws IOException {
        TestLog log = TestLog.recording(BLOCKS);
        CrashDiskTailStore tail = new CrashDiskTailStore(log.trace);
        TestRuns requests = new TestRuns();
        List<StripeRun> kept = List.of(requests.run(8, 2, 2, 1));
        List<StripeRun> torn = List.of(requests.run(80, 2, 2, 1));
        List<StripeRun> later = List.of(requests.run(800, 2, 2, 1));
        try (Journal journal = log.start(tail, 30)) {
            assertNotNull(journal.tryAppend(kept));
            journal.commitAll();
            LogTicket ticket = journal.tryAppend(torn);
            assertNotNull(ticket);
            journal.awaitWritten(ticket);
        }
        long states = new CrashStates(log.trace, 10, 30, 9).forEach(log.trace.length(), state -> {
            List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
            LogArea area = TestLog.areaOf(disks.get(0));
            CrashDiskTailStore tailNow = new CrashDiskTailStore(disks.get(1));
            LogPosition restart =
                    TestLog.scan(area, tailNow.stored()).result().end().restartPosition();
            try (Journal journal = Journal.startAt(area, TestLog.CHECKSUM, tailNow, restart)) {
                assertEquals(List.of(), TestLog.scan(area, tailNow.stored()).lines());
                assertNotNull(journal.tryAppend(later));
                journal.commitAll();
            }
            assertEquals(
                    TestRuns.lines(later), TestLog.scan(area, tailNow.stored()).lines());
        });
        assertTrue(states > 30, states + " states");
    }
}
