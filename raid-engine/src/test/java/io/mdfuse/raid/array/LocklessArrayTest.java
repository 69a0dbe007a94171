package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ChunkState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The states of a lockless bitmap: which a write, a tick, a trim, a resync and an opening leave, and what follows from
 * them. A state covers two stripes.
 */
class LocklessArrayTest {
    /** 2048 states in five pieces of the bitmap: the first has 512 states. */
    private static final LocklessShape SHAPE = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 2048, 16, 512);

    private static final long ROW_BYTES = 3 * 16 * 512;

    private final CrashTrace trace = CrashTrace.recording();
    private final ManualTimer timer = new ManualTimer();

    static void write(RaidArray array, long offsetBytes, int lengthBytes, int fill) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            array.write(offsetBytes, arena.allocate(lengthBytes).fill((byte) fill));
        }
    }

    static byte[] read(RaidArray array, long offsetBytes, int lengthBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(lengthBytes);
            array.read(offsetBytes, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] filled(int lengthBytes, int fill) {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    private static void assertCounts(Map<ChunkState, Integer> expected, List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            assertEquals(expected, SHAPE.counts(disk), disk.name());
        }
    }

    @Test
    void theFirstWriteIsRecordedThenSyncedThenClean() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.NEED_SYNC, 1), disks);
        assertTrue(SHAPE.parityFits(disks, 0), "the write makes parity in its own stripe");
        assertFalse(SHAPE.parityFits(disks, 8));
        timer.pass(20_000);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.CLEAN, 1), disks);
        assertTrue(SHAPE.parityFits(disks, 8), "the other stripe is synced");
        assertFalse(SHAPE.parityFits(disks, 16), "no other chunk is");
        write(array, 4096, 4096, 2);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.DIRTY, 1), disks);
        array.close();
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.CLEAN, 1), disks);
    }

    /** The server of a network device may restart while the array is at rest; what was not flushed would be lost. */
    @Test
    void atRestNothingIsUnflushed() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        timer.pass(20_000);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.CLEAN, 1), disks);
        for (CrashDisk disk : disks) {
            assertEquals(0, disk.pendingCount(), disk.name());
        }
        array.close();
    }

    /** As seen with Linux 7.3: two small writes to an array of 1008 chunks left 496 of them as they were. */
    @Test
    void aSecondWriteInAPieceOfTheBitmapMarksAllOfIt() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        write(array, 7 * ROW_BYTES, 4096, 2);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 1536, ChunkState.NEED_SYNC, 512), disks);
        write(array, 600 * ROW_BYTES, 4096, 2);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 1535, ChunkState.NEED_SYNC, 513), disks);
        timer.pass(20_000);
        assertCounts(Map.of(ChunkState.UNWRITTEN, 1535, ChunkState.CLEAN, 513), disks);
        assertEquals(-1, SHAPE.wrongParity(disks));
        array.close();
    }

    @Test
    void aWriteToAMarkedChunkNeedsNoFlush() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        trace.restart();
        write(array, 0, 4096, 2);
        assertEquals(
                0,
                trace.events().stream()
                        .filter(event -> event instanceof DiskEvent.Flush)
                        .count());
        assertEquals(2, trace.length(), "one block of data and its parity");
        array.close();
    }

    /** Marks that a crash leaves are resynced; what was never written is not read, and nothing else is. */
    @Test
    void afterACrashOnlyMarkedChunksAreSynced() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        timer.pass(20_000);
        write(array, 700 * ROW_BYTES, 4096, 2);
        List<CrashDisk> crashed = trace.crashNow(new Survival.All(), CrashTrace.notRecording());
        PolicyShape.write(crashed.getFirst(), LocklessShape.DATA_OFFSET_SECTORS, filled(4096, 9), 4096);
        ManualTimer later = new ManualTimer();
        RaidArray again = PolicyShape.open(crashed, later);
        later.pass(20_000);
        again.close();
        assertFalse(SHAPE.parityFits(crashed, 0), "the clean chunk was not synced");
        assertTrue(SHAPE.parityFits(crashed, 700 * 16) && SHAPE.parityFits(crashed, 700 * 16 + 8));
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2046, ChunkState.CLEAN, 2), crashed);
    }

    @ParameterizedTest
    @CsvSource({"24,0", "48,2", "48,4", "0,0", "8,77", "4,4"})
    void aBitmapThatIsStaleOrTornOnOneMemberIsNotBelieved(int offset, int value) throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        array.close();
        disks = Rebuilds.reopened(disks);
        LocklessShape.put(disks.get(1), offset, value);
        ManualTimer later = new ManualTimer();
        RaidArray again = PolicyShape.open(disks, later);
        assertCounts(Map.of(ChunkState.NEED_SYNC, 2048), disks);
        later.pass(20_000);
        again.close();
        assertCounts(Map.of(ChunkState.CLEAN, 2048), disks);
        assertEquals(-1, SHAPE.wrongParity(disks));
    }

    /** A state that is not the same on all members, or that is not known, counts as written and not synced. */
    @ParameterizedTest
    @CsvSource({"1,0", "0,7", "9,9", "5,0", "7,1"})
    void aStateThatDiffersIsTakenAsNeedSync(int first, int others) throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        for (CrashDisk disk : disks) {
            LocklessShape.put(disk, LocklessShape.STATES + 5, disk == disks.getFirst() ? first : others);
        }
        PolicyShape.open(disks, timer).close();
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.NEED_SYNC, 1), disks);
    }

    @Test
    void aBitmapThatNoKernelHasUsedIsInitialized() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        for (CrashDisk disk : disks) {
            LocklessShape.put(disk, 48, 8);
            LocklessShape.put(disk, LocklessShape.STATES + 3, 0xff);
            LocklessShape.put(disk, 64, 4);
        }
        PolicyShape.open(disks, timer).close();
        byte[] page = PolicyShape.read(PolicyShape.reopen(disks.getFirst()), LocklessShape.AREA_SECTOR, 4096);
        assertEquals(0, page[48], "no longer to be initialized");
        assertEquals(128, page[52] & 0xff, "32 KiB of sectors make 256 chunks of 64 KiB");
        assertEquals(0, page[LocklessShape.STATES + 3]);
    }

    @Test
    void aDegradedWriteIsMarkedUntilTheSlotIsRebuilt() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, (int) (4 * ROW_BYTES), 1);
        timer.pass(20_000);
        array.close();
        List<CrashDisk> left = Rebuilds.reopened(disks).subList(0, 3);
        ManualTimer later = new ManualTimer();
        RaidArray degraded =
                PolicyShape.open(left, later, AssembleOptions.defaults().withRun(true));
        write(degraded, 0, 512, 2);
        write(degraded, 900 * ROW_BYTES, 512, 3);
        later.pass(60_000);
        assertEquals(2, SHAPE.counts(left.getFirst()).get(ChunkState.NEED_SYNC), "no piece is marked as a whole");
        byte[] content = read(degraded, 0, (int) (4 * ROW_BYTES));
        degraded.close();
        assertEquals(2, SHAPE.counts(left.getFirst()).get(ChunkState.NEED_SYNC));
        byte[] expected = filled(content.length, 1);
        Arrays.fill(expected, 0, 512, (byte) 2);
        assertTrue(Arrays.equals(expected, content));
    }

    /** The chunk is never written from then on: after the loss of a member its trimmed blocks still read as zeros. */
    @Test
    void aTrimmedChunkIsUnwrittenAgain() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, (int) (8 * ROW_BYTES), 1);
        timer.pass(20_000);
        assertEquals(ChunkState.CLEAN, SHAPE.states(disks.getFirst()).get(3));
        array.zero(5 * ROW_BYTES, ROW_BYTES);
        array.discard(ROW_BYTES, 4 * ROW_BYTES);
        assertEquals(ChunkState.DIRTY, SHAPE.states(disks.getFirst()).get(3));
        write(array, 2 * ROW_BYTES, 4096, 5);
        timer.pass(20_000);
        List<ChunkState> states = SHAPE.states(disks.getFirst());
        assertEquals(
                List.of(ChunkState.CLEAN, ChunkState.UNWRITTEN, ChunkState.CLEAN, ChunkState.UNWRITTEN),
                states.subList(0, 4));
        array.close();
        List<CrashDisk> left = Rebuilds.reopened(disks).subList(0, 3);
        RaidArray degraded = PolicyShape.open(
                left, new ManualTimer(), AssembleOptions.defaults().withRun(true));
        assertTrue(Arrays.equals(filled((int) ROW_BYTES, 0), read(degraded, 3 * ROW_BYTES, (int) ROW_BYTES)));
        assertTrue(Arrays.equals(filled(4096, 5), read(degraded, 2 * ROW_BYTES, 4096)));
        degraded.close();
    }

    /** md calls the array dirty and degraded, and does not start it; the member with a recovery offset is complete. */
    @Test
    void aFirstSyncOfMdThatPowerCutShortIsCompleted() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, (int) ROW_BYTES, 1);
        array.close();
        disks = Rebuilds.reopened(disks);
        SHAPE.cutFirstSync(disks, 3);
        for (CrashDisk disk : disks) {
            LocklessShape.put(disk, LocklessShape.STATES, 4);
        }
        ManualTimer later = new ManualTimer();
        RaidArray again = PolicyShape.open(disks, later);
        assertEquals("0", Rebuilds.attribute(again, "degraded"));
        assertTrue(Arrays.equals(filled((int) ROW_BYTES, 1), read(again, 0, (int) ROW_BYTES)));
        later.pass(20_000);
        again.close();
        assertTrue(SHAPE.parityFits(disks, 0) && SHAPE.parityFits(disks, 8));
        assertCounts(Map.of(ChunkState.UNWRITTEN, 2047, ChunkState.CLEAN, 1), disks);
    }
}
