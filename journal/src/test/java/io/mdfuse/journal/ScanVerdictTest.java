package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of verdicts in {@link JournalScanner}, with every combination of damaged blocks. */
class ScanVerdictTest {
    private static final int BLOCKS = 12;
    private static final long SEQUENCE = -2;

    /** Blocks of the log by their distance from the tail: A with one page, B with three, C with one. */
    private static final int A = 0;

    private static final int B = 2;
    private static final int C = 6;
    private static final int USED = 8;

    @Test
    void everyCombinationOfDamageGetsItsVerdict() throws IOException {
        // The end of the ring is behind the log, within block B, and between C's meta block and its page.
        for (int start : new int[] {0, BLOCKS - B - 2, BLOCKS - C - 1}) {
            for (int damage = 0; damage < 1 << USED; damage++) {
                TestLog log = logOfThree(start);
                for (int block = 0; block < USED; block++) {
                    if (isDamaged(damage, block)) {
                        flipByte(log, start + block);
                    }
                }
                assertVerdict(start, damage, log.scan(start * 8L));
            }
        }
    }

    /** The table of {@link JournalScanner}, implemented a second time. */
    private static void assertVerdict(int start, int damage, TestLog.Scan scan) {
        String message = "start " + start + ", damage " + Integer.toBinaryString(damage);
        ScanResult result = scan.result();
        if (isDamaged(damage, A)) {
            assertFalse(result.tailValid(), message);
            assertEquals(List.of(), scan.blocks(), message);
            assertEquals(sector(start, A), result.end().sector(), message);
            return;
        }
        List<Integer> visited = new ArrayList<>(List.of(A));
        int torn = -1;
        int end = B;
        if (!isDamaged(damage, B)) {
            boolean lastPageIntact = !isDamaged(damage, B + 3);
            boolean followed = !isDamaged(damage, C);
            if (lastPageIntact || followed) {
                visited.add(B);
                end = C;
            } else {
                torn = B;
            }
            if (followed && isDamaged(damage, C + 1)) {
                torn = C;
            } else if (followed) {
                visited.add(C);
                end = USED;
            }
        }
        assertTrue(result.tailValid(), message);
        assertEquals(
                visited.stream().map(block -> sector(start, block)).toList(),
                scan.blocks().stream().map(block -> block.position().sector()).toList(),
                message);
        assertEquals(sector(start, end), result.end().sector(), message);
        assertEquals(SEQUENCE + (end == B ? 1 : end == C ? 2 : 3), result.end().sequence(), message);
        assertEquals(
                result.end().sequence() + 10_000, result.end().restartPosition().sequence(), message);
        ScannedBlock tornEnd = result.tornEnd();
        assertEquals(
                torn < 0 ? -1 : sector(start, torn),
                tornEnd == null ? -1 : tornEnd.position().sector(),
                message);
        assertNull(result.malformed(), message);
        assertPages(start, damage, visited, scan, message);
    }

    private static void assertPages(int start, int damage, List<Integer> visited, TestLog.Scan scan, String message) {
        List<Long> damagedPages = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        int pages = 0;
        for (int block : visited) {
            int count = block == B ? 3 : 1;
            boolean intact = true;
            for (int page = block + 1; page <= block + count; page++) {
                boolean damaged = isDamaged(damage, page);
                intact &= !damaged;
                if (damaged) {
                    damagedPages.add(sector(start, page));
                }
                lines.add("data " + 8 * page + " " + (damaged ? "damaged" : "" + page));
            }
            assertEquals(intact, scan.blocks().get(visited.indexOf(block)).intact(), message);
            pages += count;
        }
        assertEquals(damagedPages, scan.result().damagedPages(), message);
        assertEquals(lines, scan.lines(), message);
        assertEquals(pages, scan.result().pageCount(), message);
        assertEquals(visited.size(), scan.result().blockCount(), message);
    }

    @Test
    void aTornEndReportsTheRecordsOfItsBlock() throws IOException {
        TestLog log = logOfThree(0);
        flipByte(log, C + 1);

        ScannedBlock torn = log.scan(0).result().tornEnd();

        assertNotNull(torn);
        assertFalse(torn.intact());
        assertEquals(List.of(new JournalRecord.Data(8 * (C + 1), (C + 1) * 8, false)), torn.records());
    }

    @Test
    void aMalformedBlockEndsTheWalkAndIsReported() throws IOException {
        TestLog log = logOfThree(0);
        patchAndSeal(log, B, MetaBlockLayout.HEADER_BYTES, (byte) 3);

        TestLog.Scan scan = log.scan(0);

        assertEquals(1, scan.blocks().size());
        assertEquals(new LogPosition(B * 8, SEQUENCE + 1), scan.result().malformed());
        assertNull(scan.result().tornEnd());
    }

    @Test
    void aBlockBeforeAMalformedOneIsNotATornEnd() throws IOException {
        TestLog log = logOfThree(0);
        patchAndSeal(log, C, MetaBlockLayout.HEADER_BYTES, (byte) 3);
        flipByte(log, B + 3);

        TestLog.Scan scan = log.scan(0);

        assertEquals(2, scan.blocks().size());
        assertNull(scan.result().tornEnd());
        assertNotNull(scan.result().malformed());
    }

    @Test
    void aMalformedTailBlockIsNotAnEmptyLog() throws IOException {
        TestLog log = logOfThree(0);
        patchAndSeal(log, A, MetaBlockLayout.HEADER_BYTES, (byte) 3);

        ScanResult result = log.scan(0).result();

        assertFalse(result.tailValid());
        assertEquals(new LogPosition(0, SEQUENCE), result.malformed());
    }

    @Test
    void aBlockBehindTheEndContinuesTheLogOnlyWithTheNextSequence() throws IOException {
        TestLog log = logOfThree(0);
        putBlock(log, USED, SEQUENCE + 2, 1);
        assertEquals(3, log.scan(0).blocks().size());
        putBlock(log, USED, SEQUENCE + 4, 1);
        assertEquals(3, log.scan(0).blocks().size());
        putBlock(log, USED, SEQUENCE + 3, 1);
        assertEquals(4, log.scan(0).blocks().size());
    }

    @Test
    void aWalkEndsAfterOneLap() throws IOException {
        for (int start = 0; start < BLOCKS; start++) {
            TestLog log = TestLog.plain(BLOCKS);
            for (int block = 0; block < BLOCKS; block++) {
                putBlock(log, start + block, block, 0);
            }
            // The block behind the last one is that at the tail: the walk ends there, whatever its sequence.
            TestLog.Scan scan = log.scan(start * 8L);
            assertEquals(BLOCKS, scan.blocks().size());
            assertEquals(new LogPosition(start * 8L, BLOCKS), scan.result().end());
        }
    }

    @Test
    void aBlockWhosePagesReachTheTailIsMalformed() throws IOException {
        TestLog log = TestLog.plain(BLOCKS);
        putBlock(log, 3, 1, 4);
        putBlock(log, 8, 2, BLOCKS - 5 - 1);
        assertEquals(2, log.scan(24).blocks().size());

        // Its last page has the position of the tail block, which is written again so that the scan can start.
        putBlock(log, 8, 2, BLOCKS - 5);
        putBlock(log, 3, 1, 4);

        assertEquals(new LogPosition(64, 2), log.scan(24).result().malformed());
    }

    @Test
    void aTailOutsideTheLogMeansItsStart() throws IOException {
        TestLog log = logOfThree(0);

        for (long tail : new long[] {0, BLOCKS * 8, 4, -8, Long.MAX_VALUE}) {
            assertEquals(3, log.scan(tail).blocks().size());
        }
        assertEquals(2, log.scan(B * 8).blocks().size());
    }

    @Test
    void anUnreadableSectorBehindTheEndIsIgnored() throws IOException {
        TestLog log = logOfThree(0);
        FaultPlan plan = new FaultPlan(1).badSectors(TestLog.START_BYTES + (USED + 1) * 4096, 512);
        LogArea area = new LogArea(new FaultyDevice(log.disk, plan), TestLog.START_BYTES, BLOCKS * 8);

        assertEquals(3, TestLog.scan(area, 0).blocks().size());
        assertTrue(plan.failures() > 0);
    }

    @Test
    void anUnreadableSectorWithinTheLogEndsTheScan() throws IOException {
        for (int block = 0; block <= USED; block++) {
            TestLog log = logOfThree(0);
            FaultPlan plan = new FaultPlan(1).badSectors(TestLog.START_BYTES + block * 4096L + 512, 512);
            LogArea area = new LogArea(new FaultyDevice(log.disk, plan), TestLog.START_BYTES, BLOCKS * 8);

            assertThrows(DeviceException.class, () -> TestLog.scan(area, 0));
        }
    }

    @Test
    void anExceptionOfTheVisitorEndsTheScan() {
        TestLog log = TestLog.plain(BLOCKS);
        JournalScanner scanner = new JournalScanner(log.area, TestLog.CHECKSUM);

        IOException thrown = assertThrows(IOException.class, () -> {
            putBlock(log, 0, 1, 0);
            scanner.scan(0, block -> {
                throw new IOException("a member is gone");
            });
        });

        assertEquals("a member is gone", thrown.getMessage());
    }

    private static TestLog logOfThree(int start) throws DeviceException {
        TestLog log = TestLog.plain(BLOCKS);
        putBlock(log, start + A, SEQUENCE, 1);
        putBlock(log, start + B, SEQUENCE + 1, 3);
        putBlock(log, start + C, SEQUENCE + 2, 1);
        return log;
    }

    /** Writes a meta block with DATA pages. A page's content is its distance in blocks from A. */
    private static void putBlock(TestLog log, int block, long sequence, int pages) throws DeviceException {
        MemorySegment memory = MemorySegment.ofArray(new byte[(1 + pages) * 4096]);
        MetaBlockWriter writer = new MetaBlockWriter(memory);
        long sector = block % BLOCKS * 8L;
        writer.begin(0, new LogPosition(sector, sequence));
        int distance = sequence == SEQUENCE ? A : sequence == SEQUENCE + 1 ? B : C;
        for (int page = 1; page <= pages; page++) {
            MemorySegment content = memory.asSlice(page * 4096L, 4096);
            for (int at = 0; at < 4096; at += 8) {
                content.set(ValueLayout.JAVA_LONG_UNALIGNED, at, distance + page);
            }
            writer.putData(8L * (distance + page), TestLog.CHECKSUM.page(content));
        }
        writer.seal(0, TestLog.CHECKSUM);
        log.area.write(sector, memory);
    }

    private static void flipByte(TestLog log, int block) throws DeviceException {
        MemorySegment memory = MemorySegment.ofArray(new byte[4096]);
        log.area.readBlocks(block % BLOCKS * 8L, memory);
        memory.set(ValueLayout.JAVA_BYTE, 77, (byte) (memory.get(ValueLayout.JAVA_BYTE, 77) ^ 0x10));
        log.area.write(block % BLOCKS * 8L, memory);
    }

    private static void patchAndSeal(TestLog log, int block, int offset, byte value) throws DeviceException {
        MemorySegment memory = MemorySegment.ofArray(new byte[4096]);
        log.area.readBlocks(block * 8L, memory);
        memory.set(ValueLayout.JAVA_BYTE, offset, value);
        new MetaBlockWriter(memory).seal(0, TestLog.CHECKSUM);
        log.area.write(block * 8L, memory);
    }

    private static long sector(int start, int block) {
        return (start + block) % BLOCKS * 8L;
    }

    private static boolean isDamaged(int damage, int block) {
        return (damage >> block & 1) != 0;
    }
}
