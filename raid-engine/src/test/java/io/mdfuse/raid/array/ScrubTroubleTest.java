package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scrubs of arrays with missing members or unreadable blocks, scrubs that fail, and scrubs that are stopped. */
class ScrubTroubleTest {
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void readErrorsAreHealedOnTheWay(ParityLayout layout) throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(ScrubRuns.shape(layout, 5, 16, 10, 0), CrashTrace.recording());
        RaidArray array = scrubbed.open();
        for (int row = 0; row < 10; row++) {
            scrubbed.faults(row % 5).badSectors(ScrubbedArray.dataOffset() + row * 8192L + 512, 512);
        }
        ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
        Map<String, String> after = array.attributes();
        for (int slot = 0; slot < 5; slot++) {
            assertEquals("2", ScrubRuns.attribute(after, "rd" + slot + "_errors_corrected"), "slot " + slot);
        }
        array.close();
        ScrubRuns.assertSound(scrubbed);
    }

    /** A stripe that can't be read is reported, and all others are still compared. */
    @Test
    void anUnreadableStripeIsReportedAndTheOthersAreCompared() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 64, 3, 0), CrashTrace.recording());
        scrubbed.corrupt(3, 5 * 4096, 4096);
        RaidArray array = scrubbed.open();
        for (int slot = 0; slot < 2; slot++) {
            scrubbed.faults(slot).badSectors(ScrubbedArray.dataOffset() + 3 * 4096, 512);
        }
        Map<String, String> found = ScrubRuns.run(array, "check");
        assertEquals("8", ScrubRuns.attribute(found, "mismatch_cnt"));
        assertEquals("8", ScrubRuns.attribute(found, "unreadable_cnt"));
        assertTrue(
                ScrubRuns.attribute(found, "mismatches").startsWith("member sectors 24-31: can't be read"),
                found::toString);
        array.close();
    }

    private static void lose(RaidArray array, int slot) throws IOException {
        String name = ScrubRuns.attribute(array.attributes(), "rd" + slot).substring("in_sync ".length());
        array.setAttribute("member_command", "fail\n" + name);
    }

    /**
     * With one parity left, a scrub can detect a mismatch but not the corrupted block; repair computes parity from the
     * data that was read.
     */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = ScrubRuns.WITH_Q, mode = EnumSource.Mode.MATCH_ANY)
    void raid6WithOneMissingIsComparedByTheParityThatIsLeft(ParityLayout layout) throws IOException {
        for (int disks = 4; disks <= 6; disks++) {
            for (int missing = 0; missing < disks; missing++) {
                ArrayShape shape = ScrubRuns.shape(layout, disks, 8, disks, missing % 2 == 0 ? 0 : 64);
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
                    Map<String, String> checked = ScrubRuns.run(array, "check");
                    ScrubRuns.assertFound(checked, 8L * disks, 8L * disks);
                    assertTrue(
                            ScrubRuns.attribute(checked, "mismatches").contains("and data disagree"),
                            checked::toString);
                    assertEquals(List.of(), scrubbed.dataWrites());
                    Map<String, String> repaired = ScrubRuns.run(array, "repair");
                    ScrubRuns.assertFound(repaired, 8L * disks, 0);
                    assertEquals(
                            "all repaired: " + 8 * disks + " sectors by making parity from the data",
                            ScrubRuns.attribute(repaired, "mismatch_repair"));
                    assertEquals(writes, scrubbed.dataWrites());
                    ScrubRuns.assertFound(ScrubRuns.run(array, "check"), 0, 0);
                    ScrubbedArray.assertReads(array, before);
                }
            }
        }
    }

    @Test
    void raid6WithTwoMissingHasNothingToCompare() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 3, 0), CrashTrace.recording());
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
                ScrubbedArray scrubbed = new ScrubbedArray(
                        ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 64, 2, 0), CrashTrace.recording());
                scrubbed.corrupt(lying, 3 * 4096, 4096);
                scrubbed.corrupt(lying, 6 * 4096, 4096);
                try (RaidArray array = scrubbed.open()) {
                    scrubbed.faults(bad).badSectors(ScrubbedArray.dataOffset() + 3 * 4096, 512);
                    String words = "slot " + lying + " lies, slot " + bad + " can't be read";
                    Map<String, String> repaired = ScrubRuns.run(array, "repair");
                    ScrubRuns.assertFound(repaired, 16, 8);
                    assertEquals(List.of(lying + ": 24576+4096"), scrubbed.dataWrites(), words);
                }
            }
        }
    }

    @Test
    void nothingToCompareIsARefusal() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 3, 0), CrashTrace.recording());
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

    @Test
    void aMemberThatCantWriteTheRepairFails() throws IOException {
        ScrubbedArray scrubbed =
                new ScrubbedArray(ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 4, 64), CrashTrace.recording());
        scrubbed.corrupt(2, 4096, 4096);
        try (RaidArray array = scrubbed.open()) {
            for (int write = 1; write < 20; write++) {
                scrubbed.faults(2).failNth(FaultPlan.Verb.WRITE, write);
            }
            array.setAttribute("sync_action", "repair");
            Map<String, String> after = array.attributes();
            assertEquals("1", ScrubRuns.attribute(after, "degraded"));
            assertTrue(
                    ScrubRuns.attribute(after, "last_sync_result")
                            .contains("the array is degraded further: 1 of its 5"),
                    after::toString);
            ScrubbedArray.assertReads(array, scrubbed.content());
        }
    }

    /** After a stop the same action continues at that stripe; another action, or sync_min, starts elsewhere. */
    @Test
    void aStoppedCheckContinues() throws Exception {
        ScrubbedArray scrubbed = new ScrubbedArray(
                ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 60, 0), CrashTrace.notRecording());
        scrubbed.corrupt(0, 0, 100);
        scrubbed.corrupt(0, 59 * 8192, 100);
        List<BlockDevice> devices = new ArrayList<>(scrubbed.disks());
        try (RaidArray array =
                        ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), ArrayRuntime.real(2));
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(512);
            array.setAttribute("sync_action", "check");
            while (ScrubRuns.attribute(array.attributes(), "sync_completed").startsWith("0 ")) {
                array.read(0, target);
            }
            assertEquals("check", ScrubRuns.attribute(array.attributes(), "sync_action"));
            assertThrows(IOException.class, () -> array.setAttribute("sync_action", "repair"));
            assertThrows(IOException.class, () -> array.setAttribute("sync_min", "0"));
            array.setAttribute("sync_action", "idle");
            long stoppedAt = Long.parseLong(ScrubRuns.attribute(array.attributes(), "sync_min"));
            assertTrue(stoppedAt > 0 && stoppedAt < 960, "at " + stoppedAt);
            assertEquals("stopped at sector " + stoppedAt, ScrubRuns.attribute(array.attributes(), "last_sync_result"));
            array.setAttribute("sync_action", "check");
            awaitIdle(array);
            ScrubRuns.assertFound(array.attributes(), 16, 16);
            array.setAttribute("sync_min", "8");
            array.setAttribute("sync_action", "check");
            awaitIdle(array);
            ScrubRuns.assertFound(array.attributes(), 8, 8);
            assertEquals("0", ScrubRuns.attribute(array.attributes(), "sync_min"));
        }
    }

    private static void awaitIdle(RaidArray array) throws InterruptedException {
        while (!ScrubRuns.attribute(array.attributes(), "sync_action").equals("idle")) {
            Thread.sleep(5);
        }
    }
}
