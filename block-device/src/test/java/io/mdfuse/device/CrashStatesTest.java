package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The trace under test, on two disks of 64 KiB; before it, disk a holds a durable 9 in its first block:
 *
 * <pre>
 *   0  a: write 1 at block 0
 *   1  b: write 2 at block 0
 *   2  a: flush
 *   3  a: write 3 at block 1
 *   4  b: trim block 0
 *   5  b: flush
 *   6  (end: only the write of 3 is not flushed)
 * </pre>
 */
final class CrashStatesTest {
    private static final int SIZE_BYTES = 64 * 1024;

    private final CrashTrace trace = CrashTrace.recording();
    private final CrashDisk a = new CrashDisk("a", SIZE_BYTES, trace);
    private final CrashDisk b = new CrashDisk("b", SIZE_BYTES, trace);

    private static void write(CrashDisk disk, int block, int mark) throws DeviceException {
        byte[] bytes = new byte[Sectors.BLOCK_BYTES];
        Arrays.fill(bytes, (byte) mark);
        disk.write(Sectors.BLOCK_BYTES * (long) block, MemorySegment.ofArray(bytes));
    }

    private void run() throws DeviceException {
        write(a, 0, 9);
        trace.restart();
        write(a, 0, 1);
        write(b, 0, 2);
        a.flush();
        write(a, 1, 3);
        b.trim(0, Sectors.BLOCK_BYTES);
        b.flush();
    }

    /** The first byte of block 0 and 1 of a, and of block 0 of b. */
    private static String marks(List<CrashDisk> disks) {
        byte[] a = disks.get(0).image().toBytes();
        byte[] b = disks.get(1).image().toBytes();
        return a[0] + " " + a[Sectors.BLOCK_BYTES] + " " + b[0];
    }

    @Test
    void theTraceHasTheEventsInOrder() throws Exception {
        run();
        assertEquals(
                "[write to disk 0 of 4096 bytes at 0, write to disk 1 of 4096 bytes at 0, Flush[disk=0],"
                        + " write to disk 0 of 4096 bytes at 4096, Trim[disk=1, offsetBytes=0, lengthBytes=4096],"
                        + " Flush[disk=1]]",
                trace.events().toString());
    }

    @Test
    void materialiseGivesTheDisksOfOnePrefix() throws Exception {
        run();
        assertEquals("9 0 0", marks(trace.materialise(0, new Survival.None())));
        assertEquals("9 0 0", marks(trace.materialise(2, new Survival.None())));
        assertEquals("1 0 2", marks(trace.materialise(2, new Survival.All())));
        assertEquals("1 0 0", marks(trace.materialise(3, new Survival.None())));
        assertEquals("1 3 0", marks(trace.materialise(5, new Survival.All())));
        assertEquals("1 3 2", marks(trace.materialise(5, new Survival.AllBut(1, 1))), "the trim is lost");
        assertEquals("1 0 0", marks(trace.materialise(6, new Survival.None())));
        assertEquals("1 3 0", marks(trace.disks()), "the disks themselves go on");
    }

    @Test
    void allSubsetsAreVisitedIfTheyAreFew() throws Exception {
        run();
        Set<String> seen = new HashSet<>();
        long count = new CrashStates(trace, 3, 0, 1)
                .forEach(
                        state -> seen.add(state.prefixLength() + ": " + marks(state.disks(CrashTrace.notRecording()))));
        // Unflushed at the positions 0 to 6: 0, 1, 2, 1, 2, 3, 1.
        assertEquals(1 + 2 + 4 + 2 + 4 + 8 + 2, count);
        Set<String> expected = new HashSet<>();
        expected.addAll(List.of("0: 9 0 0", "1: 9 0 0", "1: 1 0 0"));
        expected.addAll(List.of("2: 9 0 0", "2: 1 0 0", "2: 9 0 2", "2: 1 0 2"));
        expected.addAll(List.of("3: 1 0 0", "3: 1 0 2", "4: 1 0 0", "4: 1 0 2", "4: 1 3 0", "4: 1 3 2"));
        expected.addAll(List.of("5: 1 0 0", "5: 1 0 2", "5: 1 3 0", "5: 1 3 2", "6: 1 0 0", "6: 1 3 0"));
        assertEquals(expected, seen);
    }

    @Test
    void statesWithOneChangeLostOrKeptAreVisitedIfSubsetsAreTooMany() throws Exception {
        run();
        Set<String> seen = new HashSet<>();
        long count = new CrashStates(trace, 0, 0, 1)
                .forEach(5, state -> seen.add(state.prefixLength() + ": " + state.survival()));
        // All, none, and each of three changes lost and kept; then all and none for the one change at the end.
        assertEquals(2 + 6 + 2, count);
        assertTrue(seen.contains("5: AllBut[lostDisk=1, lostChange=1]"), seen.toString());
        assertTrue(seen.contains("5: Only[keptDisk=0, keptChange=0]"), seen.toString());
    }

    @Test
    void aFailedCheckNamesAStateThatCanBeMadeAgain() throws Exception {
        run();
        CrashStates states = new CrashStates(trace, 0, 5, 77);
        AssertionError error = assertThrows(
                AssertionError.class,
                () -> states.forEach(state -> {
                    if (state.survival() instanceof Survival.Seeded
                            && marks(state.disks(CrashTrace.notRecording())).startsWith("1 3")) {
                        throw new IllegalStateException("found");
                    }
                }));
        assertInstanceOf(IllegalStateException.class, error.getCause());
        String message = String.valueOf(error.getMessage());
        Matcher printed = Pattern.compile("crash after (\\d+) events, Seeded\\[seed=(\\d+)]: found")
                .matcher(message);
        assertTrue(printed.matches(), message);
        Survival again = new Survival.Seeded(Long.parseLong(printed.group(2)));
        assertTrue(marks(trace.materialise(Integer.parseInt(printed.group(1)), again))
                .startsWith("1 3"));
    }

    @Test
    void aStateMayCrashAgain() throws Exception {
        run();
        CrashTrace second = CrashTrace.recording();
        CrashCursor cursor = trace.cursor();
        cursor.advanceTo(2);
        List<CrashDisk> disks = cursor.state(new Survival.All()).disks(second);
        write(disks.get(1), 0, 8);
        assertEquals("1 0 8", marks(disks));
        assertEquals("1 0 2", marks(second.crashNow(new Survival.None(), CrashTrace.notRecording())));
        assertEquals("1 0 2", marks(second.materialise(1, new Survival.None())));
    }

    @Test
    void manyStatesOfDisksOfAMebibyteAreCheap() throws Exception {
        CrashTrace large = CrashTrace.recording();
        CrashDisk disk = new CrashDisk("large", 1 << 20, large);
        for (int i = 0; i < 300; i++) {
            write(disk, i % 256, i);
            if (i % 12 == 11) {
                disk.flush();
            }
        }
        byte[] end = disk.image().toBytes();
        long[] checked = new long[1];
        long count = new CrashStates(large, 6, 4, 3)
                .forEach(state ->
                        checked[0] += state.disks(CrashTrace.notRecording()).size());
        assertEquals(count, checked[0]);
        assertTrue(count > 5_000, "only " + count + " states");
        assertArrayEquals(
                end,
                large.materialise(large.length(), new Survival.All())
                        .get(0)
                        .image()
                        .toBytes());
    }
}
