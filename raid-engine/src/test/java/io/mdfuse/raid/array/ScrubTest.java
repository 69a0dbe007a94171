package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Silent corruption: a scrub counts it as md does, reports the position, and repairs it without changing anything else.
 */
class ScrubTest {
    /** One block of each row is corrupted, in each slot in turn: one bit, one sector, or all of it. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = ScrubRuns.WITH_Q, mode = EnumSource.Mode.MATCH_ANY)
    void everyCorruptBlockIsLocatedAndRepairedAlone(ParityLayout layout) throws IOException {
        for (int disks = 4; disks <= 8; disks++) {
            for (int shift = 0; shift < disks; shift++) {
                ArrayShape shape = ScrubRuns.shape(layout, disks, 8, disks, shift % 2 == 0 ? 0 : 64);
                ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
                List<String> writes = new ArrayList<>();
                for (int row = 0; row < disks; row++) {
                    int slot = (row + shift) % disks;
                    int at = row * 4096;
                    int corrupted = (row + shift) % 3;
                    scrubbed.corrupt(
                            slot, at + (corrupted == 2 ? 0 : 1536), corrupted == 0 ? 1 : corrupted == 1 ? 512 : 4096);
                    writes.add(slot + ": " + at + "+4096");
                }
                writes.sort(null);
                try (RaidArray array = scrubbed.open()) {
                    Map<String, String> checked = ScrubRuns.run(array, "check");
                    ScrubRuns.assertFound(checked, 8L * disks, 8L * disks);
                    List<String> places =
                            ScrubRuns.attribute(checked, "mismatches").lines().toList();
                    for (int row = 0; row < disks; row++) {
                        int slot = (row + shift) % disks;
                        String place = "member sectors " + 8 * row + "-" + (8 * row + 7) + ": rd" + slot + " (disk"
                                + slot + ") is wrong";
                        assertTrue(places.get(row).startsWith(place), places.get(row));
                    }
                    assertEquals(List.of(), scrubbed.dataWrites());
                    ScrubRuns.assertFound(ScrubRuns.run(array, "repair"), 8L * disks, 0);
                    assertEquals(writes, scrubbed.dataWrites());
                    ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
                    ScrubbedArray.assertReads(array, scrubbed.content());
                }
                ScrubRuns.assertSound(scrubbed);
            }
        }
    }

    /** With one parity the corrupted block can't be determined: repair computes parity from the data as it was read. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = "RAID4|.*_5", mode = EnumSource.Mode.MATCH_ANY)
    void withOneParityItIsReportedAndParityFollowsTheData(ParityLayout layout) throws IOException {
        for (int disks = 3; disks <= 6; disks++) {
            for (int shift = 0; shift < disks; shift++) {
                ArrayShape shape = ScrubRuns.shape(layout, disks, 16, disks, shift % 2 == 0 ? 0 : 64);
                ArrayGeometry geometry = shape.geometry();
                ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
                for (int row = 0; row < disks; row++) {
                    scrubbed.corrupt((row + shift) % disks, row * 8192 + 4096 + 77, 3);
                }
                List<byte[]> before = new ArrayList<>();
                for (int slot = 0; slot < disks; slot++) {
                    before.add(scrubbed.member(slot));
                }
                try (RaidArray array = scrubbed.open()) {
                    Map<String, String> checked = ScrubRuns.run(array, "check");
                    ScrubRuns.assertFound(checked, 8L * disks, 8L * disks);
                    String first = "member sectors 8-15: parity in rd" + geometry.parityP(0) + " (disk"
                            + geometry.parityP(0) + ") and data disagree,"
                            + " volume offset 4096 and every 8192 bytes";
                    assertTrue(
                            ScrubRuns.attribute(checked, "mismatches").startsWith(first),
                            ScrubRuns.attribute(checked, "mismatches"));
                    ScrubRuns.assertFound(ScrubRuns.run(array, "repair"), 8L * disks, 0);
                    assertEquals(disks, scrubbed.dataWrites().size());
                    ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
                }
                for (int slot = 0; slot < disks; slot++) {
                    for (int row = 0; row < disks; row++) {
                        if (geometry.dataIndex(row, slot) >= 0) {
                            assertEquals(
                                    -1,
                                    MemorySegment.mismatch(
                                            MemorySegment.ofArray(before.get(slot)),
                                            row * 8192L,
                                            row * 8192L + 8192,
                                            MemorySegment.ofArray(scrubbed.member(slot)),
                                            row * 8192L,
                                            row * 8192L + 8192));
                        }
                    }
                }
                assertEquals(-1, shape.wrongParity(scrubbed.disks()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void anArrayWithoutAProblemIsNotWritten(ParityLayout layout) throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(ScrubRuns.shape(layout, 5, 16, 6, 64), CrashTrace.recording());
        try (RaidArray array = scrubbed.open()) {
            int eventsBefore = scrubbed.events().size();
            for (String action : List.of("check", "repair", "repair-force")) {
                ScrubRuns.assertFound(ScrubRuns.run(array, action), 0, 0);
                assertEquals("", ScrubRuns.attribute(array.attributes(), "mismatches"));
            }
            assertEquals(
                    0,
                    scrubbed.events().stream()
                            .skip(eventsBefore)
                            .filter(ScrubbedArray::isWrite)
                            .count());
        }
    }

    /**
     * Adjacent mismatches are reported as one range; a repair that needs more log space than there is is done in parts.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 40})
    void adjacentCorruptBlocksAreOneRange(int journalBlocks) throws IOException {
        ArrayShape shape = ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 512, 8, journalBlocks);
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        scrubbed.corrupt(2, 4096, 100 * 4096);
        scrubbed.corrupt(4, 2 * 512 * 512 + 4 * 4096, 60 * 4096);
        try (RaidArray array = scrubbed.open()) {
            Map<String, String> found = ScrubRuns.run(array, "repair");
            ScrubRuns.assertFound(found, 8 * 160, 0);
            assertEquals(
                    "all repaired: 1280 sectors by rewriting the block that is wrong",
                    ScrubRuns.attribute(found, "mismatch_repair"));
            List<String> places =
                    ScrubRuns.attribute(found, "mismatches").lines().toList();
            assertTrue(places.get(0).startsWith("member sectors 8-511: rd2 (disk2) is wrong"), places::toString);
            assertTrue(places.get(1).startsWith("member sectors 512-807: rd2 (disk2) is wrong"), places::toString);
            assertTrue(places.get(2).startsWith("member sectors 1056-1535: rd4 (disk4) is wrong"), places::toString);
            assertTrue(
                    places.size() == 3 && places.stream().allMatch(place -> place.endsWith("repaired")),
                    places::toString);
        }
        ScrubRuns.assertSound(scrubbed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64})
    void ifSeveralBlocksAreCorruptNothingIsWrittenUnlessForced(int journalBlocks) throws IOException {
        ArrayShape shape = ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 6, journalBlocks);
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        for (int row = 0; row < 6; row++) {
            scrubbed.corrupt(row, row * 8192L, 4096);
            scrubbed.corrupt((row + 2) % 6, row * 8192L, 4096);
        }
        scrubbed.corrupt(1, 4096, 1);
        try (RaidArray array = scrubbed.open()) {
            Map<String, String> repaired = ScrubRuns.run(array, "repair");
            ScrubRuns.assertFound(repaired, 56, 48);
            assertEquals(
                    "repaired: 8 sectors by rewriting the block that is wrong; not repaired: 48 sectors",
                    ScrubRuns.attribute(repaired, "mismatch_repair"));
            assertEquals(List.of("1: 4096+4096"), scrubbed.dataWrites());
            assertTrue(
                    ScrubRuns.attribute(repaired, "mismatches").contains("more than one block is wrong"),
                    repaired::toString);
            ScrubRuns.assertFound(ScrubRuns.run(array, "repair-force"), 48, 0);
            ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
        }
        assertEquals(-1, shape.wrongParity(scrubbed.disks()));
    }

    /**
     * Cached blocks belong on top of consistent members: the corruption on the members is repaired, and the write-out
     * then adds the cached blocks.
     */
    @Test
    void stripesWithCachedBlocksAreRepairedOnTheMembers() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 4, 64, Superblock.IN_SYNC, true);
        for (int slot = 0; slot < 5; slot++) {
            ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
            scrubbed.corrupt(slot, 4096, 4096);
            byte[] content = scrubbed.content().clone();
            try (RaidArray array = scrubbed.open();
                    Arena arena = Arena.ofConfined()) {
                byte[] cached = new byte[4096];
                new Random(9).nextBytes(cached);
                System.arraycopy(cached, 0, content, 4096, 4096);
                array.write(4096, arena.allocate(4096).copyFrom(MemorySegment.ofArray(cached)));
                assertEquals(List.of(), scrubbed.dataWrites());
                ScrubRuns.assertFound(ScrubRuns.run(array, "repair"), 8, 0);
                assertEquals(List.of(slot + ": 4096+4096"), scrubbed.dataWrites());
                ScrubbedArray.assertReads(array, content);
            }
            assertEquals(-1, shape.wrongParity(scrubbed.disks()));
            try (RaidArray array = scrubbed.reopened()) {
                ScrubbedArray.assertReads(array, content);
            }
        }
    }
}
