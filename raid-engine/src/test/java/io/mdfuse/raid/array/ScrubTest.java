package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
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
    private static final String WITH_Q = ".*(_6|PLUS_Q|DDF.*)";

    private static ArrayShape shape(ParityLayout layout, int disks, int chunkSectors, int rows, int journalBlocks) {
        return new ArrayShape(layout, disks, chunkSectors, rows, journalBlocks, Superblock.IN_SYNC, false);
    }

    private static Map<String, String> run(RaidArray array, String action) throws IOException {
        array.setAttribute("sync_action", action);
        Map<String, String> after = array.attributes();
        assertEquals("done", told(after, "last_sync_result"));
        assertEquals(action, told(after, "last_sync_action"));
        assertEquals("idle", told(after, "sync_action"));
        return after;
    }

    private static String told(Map<String, String> attributes, String name) {
        return attributes.getOrDefault(name, "no " + name);
    }

    private static void assertFound(Map<String, String> attributes, long sectors, long unrepaired) {
        assertEquals(Long.toString(sectors), told(attributes, "mismatch_cnt"), attributes::toString);
        assertEquals(Long.toString(unrepaired), told(attributes, "mismatch_unrepaired"), attributes::toString);
        assertEquals("0", told(attributes, "unreadable_cnt"), attributes::toString);
    }

    /** One block of each row is corrupted, in each slot in turn: one bit, one sector, or all of it. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = WITH_Q, mode = EnumSource.Mode.MATCH_ANY)
    void everyCorruptBlockIsLocatedAndRepairedAlone(ParityLayout layout) throws IOException {
        for (int disks = 4; disks <= 8; disks++) {
            for (int shift = 0; shift < disks; shift++) {
                ArrayShape shape = shape(layout, disks, 8, disks, shift % 2 == 0 ? 0 : 64);
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
                    Map<String, String> checked = run(array, "check");
                    assertFound(checked, 8L * disks, 8L * disks);
                    List<String> places = told(checked, "mismatches").lines().toList();
                    for (int row = 0; row < disks; row++) {
                        int slot = (row + shift) % disks;
                        String place = "member sectors " + 8 * row + "-" + (8 * row + 7) + ": rd" + slot + " (disk"
                                + slot + ") is wrong";
                        assertTrue(places.get(row).startsWith(place), places.get(row));
                    }
                    assertEquals(List.of(), scrubbed.dataWrites());
                    assertFound(run(array, "repair"), 8L * disks, 0);
                    assertEquals(writes, scrubbed.dataWrites());
                    assertFound(run(array, "check"), 0, 0);
                    ScrubbedArray.assertReads(array, scrubbed.content());
                }
                assertSound(scrubbed);
            }
        }
    }

    private static void assertSound(ScrubbedArray scrubbed) throws IOException {
        for (int slot = 0; slot < scrubbed.shape().disks(); slot++) {
            assertArrayEquals(scrubbed.soundMember(slot), scrubbed.member(slot), "slot " + slot);
        }
    }

    /** With one parity the corrupted block can't be determined: repair computes parity from the data as it was read. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = "RAID4|.*_5", mode = EnumSource.Mode.MATCH_ANY)
    void withOneParityItIsReportedAndParityFollowsTheData(ParityLayout layout) throws IOException {
        for (int disks = 3; disks <= 6; disks++) {
            for (int shift = 0; shift < disks; shift++) {
                ArrayShape shape = shape(layout, disks, 16, disks, shift % 2 == 0 ? 0 : 64);
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
                    Map<String, String> checked = run(array, "check");
                    assertFound(checked, 8L * disks, 8L * disks);
                    String first = "member sectors 8-15: parity in rd" + geometry.parityP(0) + " (disk"
                            + geometry.parityP(0) + ") and data disagree,"
                            + " volume offset 4096 and every 8192 bytes";
                    assertTrue(told(checked, "mismatches").startsWith(first), told(checked, "mismatches"));
                    assertFound(run(array, "repair"), 8L * disks, 0);
                    assertEquals(disks, scrubbed.dataWrites().size());
                    assertFound(run(array, "check"), 0, 0);
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
        ScrubbedArray scrubbed = new ScrubbedArray(shape(layout, 5, 16, 6, 64), CrashTrace.recording());
        try (RaidArray array = scrubbed.open()) {
            int eventsBefore = scrubbed.events().size();
            for (String action : List.of("check", "repair", "repair-force")) {
                assertFound(run(array, action), 0, 0);
                assertEquals("", told(array.attributes(), "mismatches"));
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
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 512, 3, journalBlocks);
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        scrubbed.corrupt(2, 4096, 100 * 4096);
        scrubbed.corrupt(4, 2 * 512 * 512 + 4 * 4096, 60 * 4096);
        try (RaidArray array = scrubbed.open()) {
            Map<String, String> found = run(array, "repair");
            assertFound(found, 8 * 160, 0);
            assertEquals(
                    "all repaired: 1280 sectors by rewriting the block that is wrong", told(found, "mismatch_repair"));
            List<String> places = told(found, "mismatches").lines().toList();
            assertTrue(places.get(0).startsWith("member sectors 8-511: rd2 (disk2) is wrong"), places::toString);
            assertTrue(places.get(1).startsWith("member sectors 512-807: rd2 (disk2) is wrong"), places::toString);
            assertTrue(places.get(2).startsWith("member sectors 1056-1535: rd4 (disk4) is wrong"), places::toString);
            assertTrue(
                    places.size() == 3 && places.stream().allMatch(place -> place.endsWith("repaired")),
                    places::toString);
        }
        assertSound(scrubbed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64})
    void ifSeveralBlocksAreCorruptNothingIsWrittenUnlessForced(int journalBlocks) throws IOException {
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 6, journalBlocks);
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        for (int row = 0; row < 6; row++) {
            scrubbed.corrupt(row, row * 8192L, 4096);
            scrubbed.corrupt((row + 2) % 6, row * 8192L, 4096);
        }
        scrubbed.corrupt(1, 4096, 1);
        try (RaidArray array = scrubbed.open()) {
            Map<String, String> repaired = run(array, "repair");
            assertFound(repaired, 56, 48);
            assertEquals(
                    "repaired: 8 sectors by rewriting the block that is wrong; not repaired: 48 sectors",
                    told(repaired, "mismatch_repair"));
            assertEquals(List.of("1: 4096+4096"), scrubbed.dataWrites());
            assertTrue(told(repaired, "mismatches").contains("more than one block is wrong"), repaired::toString);
            assertFound(run(array, "repair-force"), 48, 0);
            assertFound(run(array, "check"), 0, 0);
        }
        assertEquals(-1, shape.wrongParity(scrubbed.disks()));
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void readErrorsAreHealedOnTheWay(ParityLayout layout) throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(shape(layout, 5, 16, 10, 0), CrashTrace.recording());
        RaidArray array = scrubbed.open();
        for (int row = 0; row < 10; row++) {
            scrubbed.faults(row % 5).badSectors(ScrubbedArray.dataOffset() + row * 8192L + 512, 512);
        }
        assertFound(run(array, "check"), 0, 0);
        Map<String, String> after = array.attributes();
        for (int slot = 0; slot < 5; slot++) {
            assertEquals("2", told(after, "rd" + slot + "_errors_corrected"), "slot " + slot);
        }
        array.close();
        assertSound(scrubbed);
    }

    /** A stripe that can't be read is reported, and all others are still compared. */
    @Test
    void anUnreadableStripeIsReportedAndTheOthersAreCompared() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 64, 3, 0), CrashTrace.recording());
        scrubbed.corrupt(3, 5 * 4096, 4096);
        RaidArray array = scrubbed.open();
        for (int slot = 0; slot < 2; slot++) {
            scrubbed.faults(slot).badSectors(ScrubbedArray.dataOffset() + 3 * 4096, 512);
        }
        Map<String, String> found = run(array, "check");
        assertEquals("8", told(found, "mismatch_cnt"));
        assertEquals("8", told(found, "unreadable_cnt"));
        assertTrue(told(found, "mismatches").startsWith("member sectors 24-31: can't be read"), found::toString);
        array.close();
    }

    private static void lose(RaidArray array, int slot) throws IOException {
        String name = told(array.attributes(), "rd" + slot).substring("in_sync ".length());
        array.setAttribute("member_command", "fail\n" + name);
    }

    /**
     * With one parity left, a scrub can detect a mismatch but not the corrupted block; repair computes parity from the
     * data that was read.
     */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = WITH_Q, mode = EnumSource.Mode.MATCH_ANY)
    void raid6WithOneMissingIsComparedByTheParityThatIsLeft(ParityLayout layout) throws IOException {
        for (int disks = 4; disks <= 6; disks++) {
            for (int missing = 0; missing < disks; missing++) {
                ArrayShape shape = shape(layout, disks, 8, disks, missing % 2 == 0 ? 0 : 64);
                ArrayGeometry geometry = shape.geometry();
                ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
                List<String> writes = new ArrayList<>();
                for (int row = 0; row < disks; row++) {
                    int lying = (missing + 1 + row % (disks - 1)) % disks;
                    scrubbed.corrupt(lying, row * 4096L + 7, 1);
                    int parity = geometry.parityQ(row) == missing ? geometry.parityP(row) : geometry.parityQ(row);
                    writes.add(parity + ": " + row * 4096 + "+4096");
                }
                writes.sort(null);
                byte[] before = new byte[scrubbed.content().length];
                try (RaidArray array = scrubbed.open();
                        Arena arena = Arena.ofConfined()) {
                    lose(array, missing);
                    MemorySegment content = arena.allocate(before.length);
                    array.read(0, content);
                    MemorySegment.ofArray(before).copyFrom(content);
                    Map<String, String> checked = run(array, "check");
                    assertFound(checked, 8L * disks, 8L * disks);
                    assertTrue(told(checked, "mismatches").contains("and data disagree"), checked::toString);
                    assertEquals(List.of(), scrubbed.dataWrites());
                    Map<String, String> repaired = run(array, "repair");
                    assertFound(repaired, 8L * disks, 0);
                    assertEquals(
                            "all repaired: " + 8 * disks + " sectors by making parity from the data",
                            told(repaired, "mismatch_repair"));
                    assertEquals(writes, scrubbed.dataWrites());
                    assertFound(run(array, "check"), 0, 0);
                    ScrubbedArray.assertReads(array, before);
                }
            }
        }
    }

    @Test
    void raid6WithTwoMissingHasNothingToCompare() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 3, 0), CrashTrace.recording());
        try (RaidArray array = scrubbed.open()) {
            lose(array, 1);
            lose(array, 3);
            for (String action : List.of("check", "repair", "repair-force")) {
                IOException e = assertThrows(IOException.class, () -> array.setAttribute("sync_action", action));
                assertTrue(String.valueOf(e.getMessage()).contains("2 of its 5 members are missing"), e::toString);
            }
        }
    }

    /**
     * A solved block always matches the blocks that it was solved from. So if Q does not match then, that does not
     * prove that Q is wrong.
     */
    @Test
    void aCorruptBlockBesideAnUnreadableOneIsNotRepaired() throws IOException {
        for (int lying = 0; lying < 5; lying++) {
            for (int bad = 0; bad < 5; bad++) {
                if (bad == lying) {
                    continue;
                }
                ScrubbedArray scrubbed =
                        new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 64, 2, 0), CrashTrace.recording());
                scrubbed.corrupt(lying, 3 * 4096, 4096);
                scrubbed.corrupt(lying, 6 * 4096, 4096);
                try (RaidArray array = scrubbed.open()) {
                    scrubbed.faults(bad).badSectors(ScrubbedArray.dataOffset() + 3 * 4096, 512);
                    String words = "slot " + lying + " lies, slot " + bad + " can't be read";
                    Map<String, String> repaired = run(array, "repair");
                    assertFound(repaired, 16, 8);
                    assertEquals(List.of(lying + ": 24576+4096"), scrubbed.dataWrites(), words);
                }
            }
        }
    }

    @Test
    void nothingToCompareIsARefusal() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 3, 0), CrashTrace.recording());
        try (RaidArray array = scrubbed.open()) {
            scrubbed.faults(1).dieAfter(0);
            try (Arena arena = Arena.ofConfined()) {
                array.write(0, arena.allocate(70_000));
            }
            IOException e = assertThrows(IOException.class, () -> array.setAttribute("sync_action", "check"));
            assertEquals(
                    "the array is degraded: 1 of its 4 members are missing, and with them all"
                            + " redundancy: nothing is left to"
                            + " compare the blocks with; add devices first",
                    e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> array.setAttribute("sync_action", "mend"));
        }
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
                assertFound(run(array, "repair"), 8, 0);
                assertEquals(List.of(slot + ": 4096+4096"), scrubbed.dataWrites());
                ScrubbedArray.assertReads(array, content);
            }
            assertEquals(-1, shape.wrongParity(scrubbed.disks()));
            try (RaidArray array = scrubbed.reopened()) {
                ScrubbedArray.assertReads(array, content);
            }
        }
    }

    @Test
    void aMemberThatCantWriteTheRepairFails() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 4, 64), CrashTrace.recording());
        scrubbed.corrupt(2, 4096, 4096);
        try (RaidArray array = scrubbed.open()) {
            for (int write = 1; write < 20; write++) {
                scrubbed.faults(2).failNth(FaultPlan.Verb.WRITE, write);
            }
            array.setAttribute("sync_action", "repair");
            Map<String, String> after = array.attributes();
            assertEquals("1", told(after, "degraded"));
            assertTrue(
                    told(after, "last_sync_result").contains("the array is degraded further: 1 of its 5"),
                    after::toString);
            ScrubbedArray.assertReads(array, scrubbed.content());
        }
    }

    /** After a stop the same action continues at that stripe; another action, or sync_min, starts elsewhere. */
    @Test
    void aStoppedCheckContinues() throws Exception {
        ScrubbedArray scrubbed =
                new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 60, 0), CrashTrace.notRecording());
        scrubbed.corrupt(0, 0, 100);
        scrubbed.corrupt(0, 59 * 8192, 100);
        List<BlockDevice> devices = new ArrayList<>(scrubbed.disks());
        try (RaidArray array =
                        ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), ArrayRuntime.real(2));
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(512);
            array.setAttribute("sync_action", "check");
            while (told(array.attributes(), "sync_completed").startsWith("0 ")) {
                array.read(0, target);
            }
            assertEquals("check", told(array.attributes(), "sync_action"));
            assertThrows(IOException.class, () -> array.setAttribute("sync_action", "repair"));
            assertThrows(IOException.class, () -> array.setAttribute("sync_min", "0"));
            array.setAttribute("sync_action", "idle");
            long stoppedAt = Long.parseLong(told(array.attributes(), "sync_min"));
            assertTrue(stoppedAt > 0 && stoppedAt < 960, "at " + stoppedAt);
            assertEquals("stopped at sector " + stoppedAt, told(array.attributes(), "last_sync_result"));
            array.setAttribute("sync_action", "check");
            awaitIdle(array);
            assertFound(array.attributes(), 16, 16);
            array.setAttribute("sync_min", "8");
            array.setAttribute("sync_action", "check");
            awaitIdle(array);
            assertFound(array.attributes(), 8, 8);
            assertEquals("0", told(array.attributes(), "sync_min"));
        }
    }

    private static void awaitIdle(RaidArray array) throws InterruptedException {
        while (!told(array.attributes(), "sync_action").equals("idle")) {
            Thread.sleep(5);
        }
    }
}
