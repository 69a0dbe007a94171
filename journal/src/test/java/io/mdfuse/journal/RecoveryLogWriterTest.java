package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a crash during recovery's appends, a scan finds the old log and the appends, and never a block torn before. */
class RecoveryLogWriterTest {
    private static final long BLOCKS = 40;

    private final TestRuns runs = new TestRuns();
    private final List<String> committed = new ArrayList<>();

    /**
     * Two committed appends, and behind them the remains of three that a power failure tore apart: the first is lost.
     */
    private TestLog tornLog(long start) throws IOException {
        TestLog log = TestLog.recording(BLOCKS);
        Journal journal = log.start(TestLog::forgetTail, start);
        for (int i = 0; i < 2; i++) {
            List<StripeRun> request = List.of(runs.run(8L * i, 1, 1, 0));
            commit(journal, request);
            committed.addAll(TestRuns.lines(request));
        }
        LogPosition torn = log.scan(start * 8).result().end();
        for (int i = 0; i < 3; i++) {
            commit(journal, List.of(runs.run(80L + 8L * i, 1, 1, 0)));
        }
        journal.close();
        log.area.write(torn.sector(), MemorySegment.ofArray(new byte[4096]));
        log.area.flush();
        assertEquals(torn, log.scan(start * 8).result().end());
        log.trace.restart();
        return log;
    }

    private static void commit(Journal journal, List<StripeRun> request) throws IOException {
        journal.commit(Objects.requireNonNull(journal.tryAppend(request)));
    }

    private static RecoveryLogWriter openAtEnd(TestLog log, long tailSector) throws IOException {
        return new RecoveryLogWriter(
                log.area,
                TestLog.CHECKSUM,
                tailSector,
                log.scan(tailSector).result().end());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 17, 31, 36, 39})
    void aScanFindsTheOldLogAndTheAppends(long start) throws IOException {
        TestLog log = tornLog(start);
        List<String> expected = new ArrayList<>(committed);
        try (RecoveryLogWriter logWriter = openAtEnd(log, start * 8)) {
            for (int i = 0; i < 3; i++) {
                List<StripeRun> request = List.of(runs.run(8L * i, 1, 0, 1));
                assertTrue(logWriter.hasSpaceFor(request));
                logWriter.append(request);
                expected.addAll(TestRuns.lines(request));
                assertEquals(expected, log.scan(start * 8).lines(), "after append " + i);
                assertEquals(logWriter.end(), log.scan(start * 8).result().end());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 31, 36})
    void afterAnyCrashAScanFindsNoTornBlock(long start) throws IOException {
        TestLog log = tornLog(start);
        List<String> meant = new ArrayList<>(committed);
        List<Integer> durableFrom = new ArrayList<>();
        try (RecoveryLogWriter logWriter = openAtEnd(log, start * 8)) {
            for (int parities = 1; parities <= 2; parities++) {
                List<StripeRun> request = List.of(runs.run(0, 1, 0, parities), runs.run(8, 1, 0, parities));
                logWriter.append(request);
                meant.addAll(TestRuns.lines(request));
                durableFrom.add(log.trace.length());
            }
        }
        long states = new CrashStates(log.trace, 8, 8, start).forEach(state -> check(state, start, meant, durableFrom));
        assertTrue(states > 50, states + " states");
    }

    private void check(CrashState state, long start, List<String> meant, List<Integer> durableFrom) throws IOException {
        List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
        TestLog.Scan scan = TestLog.scan(TestLog.areaOf(disks.get(0)), start * 8);
        int durable = committed.size();
        for (int append = 0; append < durableFrom.size(); append++) {
            durable += state.prefixLength() >= durableFrom.get(append) ? 2 : 0;
        }
        assertTrue(scan.lines().size() >= durable, "what was appended is missing");
        for (int i = 0; i < scan.lines().size(); i++) {
            String found = scan.lines().get(i);
            boolean mayBeDamaged = i >= durable && found.contains("damaged");
            assertTrue(found.equals(meant.get(i)) || mayBeDamaged, found + " instead of " + meant.get(i));
        }
    }

    @Test
    void anAppendWithoutLogSpaceIsRefusedBeforeAnythingIsWritten() throws IOException {
        TestLog log = tornLog(0);
        try (RecoveryLogWriter logWriter = openAtEnd(log, 0)) {
            List<StripeRun> tooMuch = List.of(runs.run(0, (int) BLOCKS, 0, 1));
            assertFalse(logWriter.hasSpaceFor(tooMuch));
            assertThrows(IllegalArgumentException.class, () -> logWriter.append(tooMuch));
            assertEquals(0, log.trace.length());
            int appends = 0;
            for (List<StripeRun> one = List.of(runs.run(0, 1, 0, 1)); logWriter.hasSpaceFor(one); appends++) {
                logWriter.append(one);
            }
            // Five blocks are in use: the empty one and two appends of two blocks each. Two blocks stay free.
            assertEquals((BLOCKS - 5 - 2) / 2, appends);
        }
    }
}
