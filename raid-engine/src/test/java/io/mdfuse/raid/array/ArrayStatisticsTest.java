package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.statistics.ArrayStatistics;
import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.MemberFigures;
import io.mdfuse.raid.statistics.OperationFigures;
import io.mdfuse.raid.statistics.OperationKind;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The statistics of whole arrays: what a known load writes where. */
class ArrayStatisticsTest {
    private static final CrashTrace TRACE = CrashTrace.notRecording();
    private static final int CHUNK = 16 * 512;
    private static final int ROW = 2 * CHUNK;
    private static final ArrayShape PLAIN =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 40, 0, Superblock.IN_SYNC, false);
    private static final ArrayShape JOURNALED =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, 96, Superblock.IN_SYNC, false);

    private final Random random = new Random(3);

    private void write(RaidArray array, int offset, int length) throws IOException {
        Rebuilds.write(array, new byte[offset + length], offset, length, random);
    }

    private static ArrayStatistics of(RaidArray array) {
        return array.statistics().orElseThrow();
    }

    private static OperationFigures of(RaidArray array, OperationKind kind) {
        return Objects.requireNonNull(of(array).operations().get(kind));
    }

    @Test
    void fullStripesAreWrittenWithTheirParityAndNothingElse() throws IOException {
        RaidArray array = PLAIN.open(PLAIN.create(TRACE));
        write(array, 0, 4 * ROW);

        ArrayStatistics statistics = of(array);
        assertEquals(4 * ROW, of(array, OperationKind.WRITE).bytes());
        assertEquals(4 * ROW, statistics.written().volumeBytes());
        assertEquals(4 * ROW * 3 / 2, statistics.written().memberBytes());
        assertEquals(1.5, statistics.written().amplification().orElse(0));
        assertEquals(3, statistics.members().size());
        for (MemberFigures member : statistics.members()) {
            assertEquals("disk" + member.slot(), member.device());
            assertEquals(4 * CHUNK, member.writtenBytes());
            assertEquals(0, member.readBytes());
        }
        assertNull(statistics.journal());
        assertNull(statistics.cache());
        array.close();
    }

    @Test
    void aSmallWriteReadsWhatItsParityNeeds() throws IOException {
        RaidArray array = PLAIN.open(PLAIN.create(TRACE));
        write(array, 0, 4096);

        ArrayStatistics statistics = of(array);
        assertEquals(2 * 4096, statistics.written().memberBytes());
        assertEquals(
                4096, // the block of the other data slot: one block less than old data and old parity
                statistics.members().stream()
                        .mapToLong(MemberFigures::readBytes)
                        .sum());
        array.close();
    }

    @Test
    void readsFlushesTrimsAndErrorsAreCounted() throws IOException {
        RaidArray array = PLAIN.open(PLAIN.create(TRACE));
        try (Arena arena = Arena.ofConfined()) {
            array.read(0, arena.allocate(512));
        }
        array.flush();
        array.zero(0, ROW);
        array.discard(0, ROW);

        assertEquals(512, of(array, OperationKind.READ).bytes());
        assertEquals(1, of(array, OperationKind.FLUSH).operations());
        assertEquals(2, of(array, OperationKind.TRIM).operations());
        assertEquals(2 * ROW, of(array, OperationKind.TRIM).bytes());
        array.close();
    }

    @Test
    void whatARebuildWritesIsNoAmplification() throws IOException {
        RaidArray array = PLAIN.open(PLAIN.create(TRACE));
        write(array, 0, ROW);
        long before = of(array).written().memberBytes();
        Rebuilds.manager(array).fail("disk0", false);
        Rebuilds.manager(array).add(Rebuilds.blank(PLAIN, "new", TRACE), false);
        Rebuilds.awaitWhole(array);

        ArrayStatistics statistics = of(array);
        assertEquals(before, statistics.written().memberBytes());
        assertEquals(40 * CHUNK, statistics.written().passBytes());
        assertEquals("new", statistics.members().getFirst().device());
        assertEquals(40 * CHUNK, statistics.members().getFirst().writtenBytes());
        array.close();
    }

    @Test
    void theJournalHoldsDataParityAndMetaBlocksBeforeTheMembersDo() throws IOException {
        RaidArray array = JOURNALED.open(JOURNALED.create(TRACE));
        write(array, 0, ROW);

        JournalFigures journal = Objects.requireNonNull(of(array).journal());
        // A row with its parity is 6 blocks; each 4 KiB stripe has its records in the same meta block.
        assertEquals(7 * 4096, journal.writtenBytes());
        assertEquals(96 * 4096, journal.sizeBytes());
        assertEquals("journal", journal.device());
        assertTrue(journal.flushes() > 0);
        assertEquals((double) (6 + 7) / 4, of(array).written().amplification().orElse(0));
        array.close();
    }

    @Test
    void theWriteBackCacheHasFullAndPartialStripes() throws IOException {
        ArrayShape shape = JOURNALED.withWriteBack(true);
        RaidArray array = shape.open(shape.create(TRACE));
        write(array, 0, 4096);
        CacheFigures one = Objects.requireNonNull(of(array).cache());
        assertEquals(1, one.partialStripes());
        assertEquals(0, one.fullStripes());
        write(array, CHUNK, 4096);
        CacheFigures full = Objects.requireNonNull(of(array).cache());
        assertEquals(0, full.partialStripes());
        assertEquals(1, full.fullStripes());
        assertEquals(6, full.limitStripes());
        assertTrue(full.memoryBytes() >= 2 * 4096);
        assertEquals(0, of(array).written().memberBytes());

        array.close();
    }
}
