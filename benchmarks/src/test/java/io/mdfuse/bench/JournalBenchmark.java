package io.mdfuse.bench;

import io.mdfuse.journal.DataColumn;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.JournalScanner;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.journal.ScanResult;
import io.mdfuse.journal.StripeRun;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Microseconds of the journal on a device in memory: an append with its commit, the checksum of a page beside the
 * JDK's own CRC32C, and the scan of a log of 16 MiB, which is what replay reads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class JournalBenchmark {
    private static final int LOG_BYTES = 16 << 20;
    private static final int PAGE_BYTES = 4096;
    private static final LogPosition START = new LogPosition(0, 1);

    private final LogChecksum checksum = new LogChecksum(new byte[16]);
    private final RamDisk logDisk = new RamDisk(LOG_BYTES);
    private final RamDisk fullDisk = new RamDisk(LOG_BYTES);
    private final LogArea logArea = new LogArea(logDisk, 0, LOG_BYTES / 512);
    private final LogArea fullArea = new LogArea(fullDisk, 0, LOG_BYTES / 512);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment pages = arena.allocate(32 * PAGE_BYTES, PAGE_BYTES);
    private final MemorySegment page = pages.asSlice(0, PAGE_BYTES);

    /** One block with its parity, as a random write of 4 KiB is logged. */
    private final List<StripeRun> small =
            List.of(new StripeRun(0, 1, List.of(new DataColumn(0, page)), pages.asSlice(PAGE_BYTES, PAGE_BYTES), null));

    /** A chunk of 64 KiB with its parity. */
    private final List<StripeRun> large = List.of(new StripeRun(
            0,
            16,
            List.of(new DataColumn(0, pages.asSlice(0, 16 * PAGE_BYTES))),
            pages.asSlice(16 * PAGE_BYTES, 16 * PAGE_BYTES),
            null));

    private Journal journal = start(logArea);

    private Journal start(LogArea area) {
        try {
            return Journal.startAt(area, checksum, tail -> {}, START);
        } catch (IOException e) {
            throw new IllegalStateException("a device in memory failed", e);
        }
    }

    @Setup(Level.Trial)
    public void fillTheLogThatIsScanned() throws IOException {
        Journal full = start(fullArea);
        LogTicket ticket = full.tryAppend(large);
        while (ticket != null) {
            full.commit(ticket);
            full.release(ticket);
            ticket = full.tryAppend(large);
        }
        full.close();
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        journal.close();
        logDisk.close();
        fullDisk.close();
        arena.close();
    }

    private void append(List<StripeRun> runs) throws IOException {
        LogTicket ticket = journal.tryAppend(runs);
        while (ticket == null) {
            journal.reclaimTo(journal.checkpoint());
            ticket = journal.tryAppend(runs);
        }
        journal.commit(ticket);
        journal.release(ticket);
    }

    @Benchmark
    public void appendBlock() throws IOException {
        append(small);
    }

    @Benchmark
    public void appendChunk() throws IOException {
        append(large);
    }

    @Benchmark
    public ScanResult scanLogOf16MiB() throws IOException {
        return new JournalScanner(fullArea, checksum).scan(0, block -> {});
    }

    @Benchmark
    public int checksumOfPage() {
        return checksum.page(page);
    }

    @Benchmark
    public long crc32cOfJdk() {
        CRC32C crc = new CRC32C();
        crc.update(page.asByteBuffer());
        return crc.getValue();
    }
}
