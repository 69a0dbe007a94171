package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails at every event of a repair. Each sector of a repaired block has its old or its correct content, no other
 * byte of any member changes, and a second repair has the result of an uninterrupted one.
 */
class RepairCrashTest {
    static Stream<ArrayShape> shapes() {
        return Stream.of(
                        ParityLayout.LEFT_SYMMETRIC_5,
                        ParityLayout.RAID4,
                        ParityLayout.LEFT_SYMMETRIC_6,
                        ParityLayout.DDF_N_CONTINUE,
                        ParityLayout.RIGHT_ASYMMETRIC_PLUS_Q)
                .flatMap(layout -> Stream.of(
                        new ArrayShape(layout, 5, 16, 5, 0, Superblock.IN_SYNC, false),
                        new ArrayShape(layout, 5, 16, 5, 64, Superblock.IN_SYNC, false)));
    }

    static Stream<ArrayShape> cachingShapes() {
        return shapes().filter(shape -> shape.journalBlocks() > 0).map(shape -> shape.withWriteBack(true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashLeavesOldOrNew(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        ScrubbedArray scrubbed = new ScrubbedArray(shape, trace);
        for (int row = 0; row < 5; row++) {
            scrubbed.corrupt(row, row * 8192L + (row % 2) * 4096L, row == 3 ? 700 : 4096);
        }
        List<byte[]> before = members(scrubbed.disks(), shape);
        RaidArray array = scrubbed.open();
        array.setAttribute("sync_action", "repair");
        assertEquals("40", array.attributes().get("mismatch_cnt"));
        assertEquals("0", array.attributes().get("mismatch_unrepaired"));
        array.close();
        List<byte[]> after = members(scrubbed.disks(), shape);
        long states = new CrashStates(trace, 3, 4, 23)
                .forEach(new Thinning(2), state -> recover(shape, state, before, after));
        assertTrue(states > 40, "only " + states);
    }

    private static void recover(ArrayShape shape, CrashState state, List<byte[]> before, List<byte[]> after)
            throws IOException {
        List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
        RaidArray array = shape.open(disks);
        List<byte[]> found = members(disks, shape);
        for (int slot = 0; slot < shape.disks(); slot++) {
            for (int at = 0; at < found.get(slot).length; at += 512) {
                byte[] sector = Arrays.copyOfRange(found.get(slot), at, at + 512);
                boolean old = Arrays.equals(sector, Arrays.copyOfRange(before.get(slot), at, at + 512));
                boolean renewed = Arrays.equals(sector, Arrays.copyOfRange(after.get(slot), at, at + 512));
                assertTrue(old || renewed, "slot " + slot + " at " + at);
            }
        }
        array.setAttribute("sync_action", "repair");
        assertEquals("0", array.attributes().get("mismatch_unrepaired"));
        array.close();
        for (int slot = 0; slot < shape.disks(); slot++) {
            assertArrayEquals(after.get(slot), ScrubbedArray.member(disks.get(slot), shape), "slot " + slot);
        }
    }

    private static List<byte[]> members(List<CrashDisk> disks, ArrayShape shape) throws IOException {
        List<byte[]> members = new ArrayList<>();
        for (CrashDisk disk : disks.subList(0, shape.disks())) {
            members.add(ScrubbedArray.member(disk, shape));
        }
        return members;
    }

    /** Logged writes to the same stripes precede the repair: a replay of the log does not undo the repair. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aReplayOfOlderWritesDoesNotUndoIt(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        ScrubbedArray scrubbed = new ScrubbedArray(shape, trace);
        RaidArray array = scrubbed.open();
        byte[] content = scrubbed.content().clone();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096).fill((byte) 0x5a);
            for (int row = 0; row < 5; row++) {
                long at = row * shape.geometry().rowSectors() * 512;
                array.write(at, block);
                Arrays.fill(content, (int) at, (int) at + 4096, (byte) 0x5a);
            }
        }
        array.flush();
        // The members are corrupted while the log still contains the written blocks.
        for (int row = 0; row < 5; row++) {
            int slot = shape.geometry().dataSlot(row, 1);
            scrubbed.corrupt(slot, row * 8192L, 4096);
        }
        array.setAttribute("sync_action", "repair");
        assertEquals("40", array.attributes().get("mismatch_cnt"));
        int repaired = trace.length();
        byte[] read = read(array);
        array.close();
        if (shape.layout().level() == 6) {
            assertArrayEquals(content, read);
        }
        new CrashStates(trace, 3, 2, 29).forEach(repaired, state -> {
            List<CrashDisk> disks = state.disks(CrashTrace.notRecording());
            RaidArray again = shape.open(disks);
            again.setAttribute("sync_action", "check");
            assertEquals("0", again.attributes().get("mismatch_cnt"));
            ScrubbedArray.assertReads(again, read);
            again.close();
        });
    }

    /**
     * A stripe that is repaired has blocks that are cached for write-back, and flushed. At whichever event power fails,
     * these blocks survive; the corrupted block is as it was or correct, and correct after the repair if redundancy can
     * determine it.
     */
    @ParameterizedTest
    @MethodSource("cachingShapes")
    void aRepairBesideCachedBlocks(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        ScrubbedArray scrubbed = new ScrubbedArray(shape, trace);
        RaidArray array = scrubbed.open();
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        byte[] right = scrubbed.content().clone();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096).fill((byte) 0x5a);
            for (int row = 0; row < 4; row += 2) {
                array.write((long) row * rowBytes, block);
                Arrays.fill(right, row * rowBytes, row * rowBytes + 4096, (byte) 0x5a);
            }
        }
        array.flush();
        assertEquals("2", array.attributes().get("stripe_cache_active"));
        byte[] spoiled = right.clone();
        for (int row = 0; row < 2; row++) {
            int slot = shape.geometry().dataSlot(row, 1);
            scrubbed.corrupt(slot, row * 8192L, 4096);
            int at = row * rowBytes + shape.geometry().chunkBytes();
            System.arraycopy(scrubbed.member(slot), row * 8192, spoiled, at, 4096);
        }
        array.setAttribute("sync_action", "repair");
        assertEquals("16", array.attributes().get("mismatch_cnt"));
        assertEquals("0", array.attributes().get("mismatch_unrepaired"));
        int repaired = trace.length();
        boolean located = shape.layout().level() == 6;
        ScrubbedArray.assertReads(array, located ? right : spoiled);
        array.close();
        long states = new CrashStates(trace, 3, 2, 29).forEach(new Thinning(3), state -> {
            RaidArray again = shape.open(state.disks(CrashTrace.notRecording()));
            byte[] found = read(again);
            for (int at = 0; at < found.length; at += 512) {
                byte[] sector = Arrays.copyOfRange(found, at, at + 512);
                boolean isRight = Arrays.equals(sector, Arrays.copyOfRange(right, at, at + 512));
                boolean asItWas = Arrays.equals(sector, Arrays.copyOfRange(spoiled, at, at + 512));
                assertTrue(isRight || asItWas, "at " + at);
                assertTrue(isRight || !located || state.prefixLength() < repaired, "not right any more at " + at);
            }
            again.setAttribute("sync_action", "repair");
            assertEquals("0", again.attributes().get("mismatch_unrepaired"));
            again.close();
        });
        assertTrue(states > 30, "only " + states);
    }

    private static byte[] read(RaidArray array) throws IOException {
        byte[] read = new byte[(int) array.sizeBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(read.length);
            array.read(0, target);
            MemorySegment.ofArray(read).copyFrom(target);
        }
        return read;
    }
}
