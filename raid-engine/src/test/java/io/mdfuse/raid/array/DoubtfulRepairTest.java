package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A RAID-6 that was created with --assume-clean while one member had old content names that member everywhere. What was
 * written to that member since, by difference, looks as if it lied too, and a repair would destroy it.
 */
class DoubtfulRepairTest {
    private static final int BLOCKS_WRITTEN = 24;

    /** The array has parity for zeros, and one member that is full of something else. */
    private static List<CrashDisk> withOldContent(ArrayShape shape, int slot) throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        byte[] old =
                new byte[(int) io.mdfuse.device.Sectors.toBytes(shape.geometry().memberSectors())];
        new Random(7).nextBytes(old);
        disks.get(slot).write(ScrubbedArray.dataOffset(), MemorySegment.ofArray(old));
        disks.get(slot).flush();
        return disks;
    }

    private static byte[] writeSingleBlocks(RaidArray array, ArrayGeometry geometry) throws IOException {
        Random random = new Random(11);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096);
            for (int i = 0; i < BLOCKS_WRITTEN; i++) {
                byte[] bytes = new byte[4096];
                random.nextBytes(bytes);
                array.write(
                        geometry.arrayBytes() / BLOCKS_WRITTEN / 4096 * 4096 * i,
                        block.copyFrom(MemorySegment.ofArray(bytes)));
            }
            MemorySegment all = arena.allocate(geometry.arrayBytes());
            array.read(0, all);
            return all.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void itIsRefusedAndTheParityCanBeMadeFromTheData(int slot) throws IOException {
        ArrayShape shape = ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 6, 64, 40, 0);
        try (RaidArray array = shape.open(withOldContent(shape, slot))) {
            byte[] content = writeSingleBlocks(array, shape.geometry());
            array.setAttribute("sync_action", "repair");
            Map<String, String> after = array.attributes();
            String result = ScrubRuns.attribute(after, "last_sync_result");
            assertTrue(result.startsWith("rd" + slot + " (disk" + slot + ") does not fit the others in "), result);
            assertTrue(result.contains("all over the array; nothing was changed"), result);
            ScrubRuns.assertFound(after, 0, 0);
            ScrubbedArray.assertReads(array, content);

            Map<String, String> repaired = ScrubRuns.run(array, "repair-parity");
            assertEquals("0", ScrubRuns.attribute(repaired, "mismatch_unrepaired"));
            assertTrue(
                    ScrubRuns.attribute(repaired, "mismatch_repair")
                            .endsWith(" sectors by making parity from the data"),
                    repaired::toString);
            ScrubbedArray.assertReads(array, content);
            ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
        }
    }

    /** Forced, a repair changes what was written: the reason for all this. */
    @Test
    void forcedItRewritesTheMember() throws IOException {
        ArrayShape shape = ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 6, 64, 40, 0);
        try (RaidArray array = shape.open(withOldContent(shape, 2));
                Arena arena = Arena.ofConfined()) {
            byte[] content = writeSingleBlocks(array, shape.geometry());
            ScrubRuns.run(array, "repair-force");
            MemorySegment all = arena.allocate(content.length);
            array.read(0, all);
            assertTrue(all.mismatch(MemorySegment.ofArray(content)) >= 0);
            ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
        }
    }

    /** Data that is kept, on every layout with Q: parity alone is written, with and without a journal. */
    @ParameterizedTest
    @ValueSource(ints = {0, 64})
    void keepingDataWritesParityAlone(int journalBlocks) throws IOException {
        ArrayShape shape = ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 5, journalBlocks);
        ArrayGeometry geometry = shape.geometry();
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        for (int row = 0; row < 5; row++) {
            scrubbed.corrupt(2, row * 8192L, 4096);
        }
        byte[] before = scrubbed.member(2);
        try (RaidArray array = scrubbed.open()) {
            ScrubRuns.assertFound(ScrubRuns.run(array, "repair-parity"), 8 * 5, 0);
            ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
        }
        byte[] after = scrubbed.member(2);
        for (int row = 0; row < 5; row++) {
            if (geometry.dataIndex(row, 2) < 0) {
                // The parity that was wrong is made again.
                System.arraycopy(scrubbed.soundMember(2), row * 8192, before, row * 8192, 4096);
            }
        }
        assertArrayEquals(before, after);
        assertEquals(-1, shape.wrongParity(scrubbed.disks()));
    }
}
