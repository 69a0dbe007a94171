package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.DeviceException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A scan that searches gaps: what it finds behind damaged meta blocks. */
class ScanGapTest {
    private static final int BLOCKS = 24;
    private static final int APPENDS = 6;

    private final List<String> found = new ArrayList<>();
    private final List<LogPosition> metaBlocks = new ArrayList<>();
    private final List<List<String>> lines = new ArrayList<>();

    /** With every set of damaged meta blocks behind the tail, all other blocks are visited and each gap is reported. */
    @Test
    void onlyTheDamagedBlocksAreLost() throws IOException {
        for (int start = 0; start < BLOCKS; start += 5) {
            for (int damage = 0; damage < 1 << APPENDS; damage++) {
                TestLog log = logOfAppends(start);
                List<String> expected = new ArrayList<>();
                LogPosition gapFrom = null;
                for (int append = 0; append < APPENDS; append++) {
                    if ((damage >> append & 1) != 0) {
                        damage(log, metaBlocks.get(append).sector());
                        gapFrom = gapFrom == null ? metaBlocks.get(append) : gapFrom;
                    } else {
                        if (gapFrom != null) {
                            expected.add("gap " + gapFrom + " " + metaBlocks.get(append));
                            gapFrom = null;
                        }
                        expected.addAll(lines.get(append));
                    }
                }

                ScanResult result = scan(log, start * 8L);

                assertEquals(expected, found, "start " + start + ", damage " + Integer.toBinaryString(damage));
                LogPosition end = gapFrom == null ? endOf(log) : gapFrom;
                assertEquals(end, result.end());
            }
        }
    }

    @Test
    void aScanThatDoesNotSearchGapsEndsAtTheDamage() throws IOException {
        TestLog log = logOfAppends(0);
        damage(log, metaBlocks.get(2).sector());

        TestLog.Scan scan = log.scan(0);

        assertEquals(3, scan.blocks().size());
        assertEquals(metaBlocks.get(2), scan.result().end());
    }

    @Test
    void aBlockWithADamagedLastPageIsNotTornIfALaterBlockIsFoundBehindAGap() throws IOException {
        TestLog log = logOfAppends(0);
        damage(log, metaBlocks.get(1).sector() + 8);
        damage(log, metaBlocks.get(1).sector() + 16);
        damage(log, metaBlocks.get(2).sector());

        ScanResult result = scan(log, 0);

        assertNull(result.tornEnd());
        assertEquals(2, result.damagedPages().size());
        assertEquals(metaBlocks.get(1), log.scan(0).result().end());
        assertNotNull(log.scan(0).result().tornEnd());
    }

    @Test
    void blocksOfOlderLogsDoNotContinueTheLog() throws IOException {
        for (long newerBy : new long[] {-1, 0, 1, 3, 4, 5, 9_999, 10_000, Long.MIN_VALUE}) {
            TestLog log = logOfAppends(0);
            LogPosition end = endOf(log);
            // Three blocks behind the end: at most three blocks can be lost before this one.
            long sector = log.area.add(end.sector(), 3 * 8);
            MemorySegment block = MemorySegment.ofArray(new byte[4096]);
            MetaBlockWriter writer = new MetaBlockWriter(block);
            writer.begin(0, new LogPosition(sector, end.sequence() + newerBy));
            writer.seal(0, TestLog.CHECKSUM);
            log.area.write(sector, block);

            scan(log, 0);

            boolean taken = found.stream().anyMatch(line -> line.startsWith("gap"));
            assertEquals(newerBy >= 1 && newerBy <= 3, taken, "newer by " + newerBy);
        }
    }

    @Test
    void aVisitorWithoutAGapMethodEndsTheScanAtAGap() throws IOException {
        TestLog log = logOfAppends(0);
        damage(log, metaBlocks.get(2).sector());
        JournalScanner scanner = new JournalScanner(log.area, TestLog.CHECKSUM);

        assertThrows(UnsupportedOperationException.class, () -> scanner.scan(0, block -> {}, true));
    }

    @Test
    void theSearchEndsAfterOneLap() throws IOException {
        TestLog log = TestLog.plain(BLOCKS);
        Journal.format(log.area, TestLog.CHECKSUM, 1);

        ScanResult result = scan(log, 0);

        assertTrue(result.tailValid());
        assertEquals(new LogPosition(8, 2), result.end());
        assertEquals(List.of(), found);
    }

    /** Six appends of three blocks each, committed one by one, behind the empty block at the tail. */
    private TestLog logOfAppends(int start) throws IOException {
        metaBlocks.clear();
        lines.clear();
        TestLog log = TestLog.plain(BLOCKS);
        TestRuns requests = new TestRuns();
        try (Journal journal = log.start(TestLog::forgetTail, start)) {
            for (int append = 0; append < APPENDS; append++) {
                List<StripeRun> runs = List.of(requests.run(8L * append, 1, 1, 1));
                LogTicket ticket = journal.tryAppend(runs);
                assertNotNull(ticket);
                journal.commit(ticket);
                metaBlocks.add(ticket.firstMetaBlock());
                lines.add(TestRuns.lines(runs));
            }
        }
        return log;
    }

    private LogPosition endOf(TestLog log) {
        LogPosition last = metaBlocks.getLast();
        return new LogPosition(log.area.add(last.sector(), 3 * 8), last.sequence() + 1);
    }

    private ScanResult scan(TestLog log, long tailSector) throws IOException {
        found.clear();
        BlockVisitor visitor = new BlockVisitor() {
            @Override
            public void visit(ScannedBlock block) throws IOException {
                for (JournalRecord journalRecord : block.records()) {
                    found.add(TestLog.line(log.area, journalRecord));
                }
            }

            @Override
            public void gap(ScannedGap gap) {
                found.add("gap " + gap.lost() + " " + gap.resumed());
            }
        };
        return new JournalScanner(log.area, TestLog.CHECKSUM).scan(tailSector, visitor, true);
    }

    private static void damage(TestLog log, long sector) throws DeviceException {
        long ringSector = sector % log.area.sizeSectors();
        MemorySegment block = MemorySegment.ofArray(new byte[4096]);
        log.area.readBlocks(ringSector, block);
        block.set(ValueLayout.JAVA_BYTE, 2000, (byte) (block.get(ValueLayout.JAVA_BYTE, 2000) ^ 1));
        log.area.write(ringSector, block);
    }
}
