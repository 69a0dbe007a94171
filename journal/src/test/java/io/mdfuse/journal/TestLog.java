package io.mdfuse.journal;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A small log on a crash disk, and the result of a scan as lines of text. */
final class TestLog {
    static final byte[] UUID = uuid();
    static final LogChecksum CHECKSUM = new LogChecksum(UUID);

    /** The log's offset on its disk: not 0, so that a test fails if log and device offsets are confused. */
    static final long START_BYTES = 3 * 4096;

    static final long FIRST_SEQUENCE = 0x1_0000_0005L;

    final CrashTrace trace;
    final CrashDisk disk;
    final LogArea area;

    private TestLog(CrashTrace trace, long blocks) {
        this.trace = trace;
        this.disk = new CrashDisk("journal.img", START_BYTES + blocks * 4096, trace);
        this.area = areaOf(disk);
    }

    static TestLog recording(long blocks) {
        return new TestLog(CrashTrace.recording(), blocks);
    }

    static TestLog plain(long blocks) {
        return new TestLog(CrashTrace.notRecording(), blocks);
    }

    static LogArea areaOf(CrashDisk disk) {
        return new LogArea(disk, START_BYTES, (disk.sizeBytes() - START_BYTES) / 512);
    }

    /** A journal that starts at block {@code block} of the log. */
    Journal start(TailStore tailStore, long block) throws IOException {
        return Journal.startAt(area, CHECKSUM, tailStore, new LogPosition(block * 8, FIRST_SEQUENCE));
    }

    /** A tail store for tests that do not read the tail. */
    static void forgetTail(long tailSector) {}

    Scan scan(long tailSector) throws IOException {
        return scan(area, tailSector);
    }

    static Scan scan(LogArea area, long tailSector) throws IOException {
        List<ScannedBlock> blocks = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        ScanResult result = new JournalScanner(area, CHECKSUM).scan(tailSector, block -> {
            blocks.add(block);
            for (JournalRecord record : block.records()) {
                lines.add(line(area, record));
            }
        });
        return new Scan(result, blocks, lines);
    }

    /** The result of a scan; {@code lines} has the records with their pages' content, as {@link TestRuns#lines}. */
    record Scan(ScanResult result, List<ScannedBlock> blocks, List<String> lines) {}

    static String line(LogArea area, JournalRecord record) throws IOException {
        return switch (record) {
            case JournalRecord.Data(long arraySector, long page, boolean intact) ->
                "data " + arraySector + " " + (intact ? content(area, page) : "damaged");
            case JournalRecord.Parity(long stripe, long p, boolean pIntact, long q, boolean qIntact) ->
                "parity " + stripe + " " + (pIntact ? content(area, p) : "damaged")
                        + (q == JournalRecord.NO_PAGE ? "" : " " + (qIntact ? content(area, q) : "damaged"));
            case JournalRecord.Flush(List<Long> stripes) -> "flush " + stripes;
        };
    }

    private static String content(LogArea area, long pageSector) throws IOException {
        MemorySegment page = MemorySegment.ofArray(new byte[Sectors.BLOCK_BYTES]);
        area.readBlocks(pageSector, page);
        return content(page);
    }

    /** The number with which {@link TestRuns} filled the page; "torn" if not all of the page has the same number. */
    static String content(MemorySegment page) {
        long tag = page.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        for (long offset = 0; offset < page.byteSize(); offset += Long.BYTES) {
            if (page.get(ValueLayout.JAVA_LONG_UNALIGNED, offset) != tag) {
                return "torn";
            }
        }
        return Long.toString(tag);
    }

    private static byte[] uuid() {
        byte[] uuid = new byte[16];
        for (int i = 0; i < uuid.length; i++) {
            uuid[i] = (byte) i;
        }
        return uuid;
    }
}
