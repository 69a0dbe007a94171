package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A scrub of a read-only array, whose journal is replayed in memory, compares the stripes and writes nothing. */
class ReadOnlyScrubTest {
    private static ArrayShape shape(ParityLayout layout, int disks, int journalBlocks) {
        return new ArrayShape(layout, disks, 16, 9, journalBlocks, Superblock.IN_SYNC, false);
    }

    private static RaidArray openReadOnly(ScrubbedArray scrubbed) throws IOException {
        List<BlockDevice> devices = new ArrayList<>();
        for (int i = 0; i < scrubbed.disks().size(); i++) {
            devices.add(new FaultyDevice(scrubbed.disks().get(i), scrubbed.faults(i)));
        }
        return ArrayShape.open(devices, null, AssembleOptions.defaults().withReadOnly(true));
    }

    private static Map<String, String> check(RaidArray array) throws IOException {
        array.setAttribute("sync_action", "check");
        Rebuilds.awaitSettled(array);
        Map<String, String> after = array.attributes();
        assertEquals("done", after.get("last_sync_result"));
        return after;
    }

    private static void assertNothingWritten(ScrubbedArray scrubbed) {
        assertFalse(scrubbed.events().stream().anyMatch(ScrubbedArray::isWrite));
    }

    @Test
    void mismatchesAreListedWithTheirPosition() throws IOException {
        for (int journalBlocks : new int[] {0, 64}) {
            ScrubbedArray scrubbed =
                    new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, journalBlocks), CrashTrace.recording());
            scrubbed.corrupt(1, 4096, 4096);
            scrubbed.corrupt(2, 40960, 512);
            RaidArray array = openReadOnly(scrubbed);
            Map<String, String> after = check(array);
            assertEquals("16", after.get("mismatch_cnt"));
            String places = after.getOrDefault("mismatches", "");
            assertEquals(2, places.lines().count(), places);
            assertTrue(
                    places.startsWith("member sectors 8-15: parity in rd3 (disk3) and data disagree, volume offset "),
                    places);
            assertEquals("readonly", after.get("array_state"));
            array.close();
            assertNothingWritten(scrubbed);
        }
    }

    @Test
    void theCorruptBlockOfRaid6IsNamed() throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 0), CrashTrace.recording());
        scrubbed.corrupt(2, 8192, 100);
        RaidArray array = openReadOnly(scrubbed);
        String places = check(array).getOrDefault("mismatches", "");
        assertTrue(places.startsWith("member sectors 16-23: rd2 (disk2) is wrong"), places);
        array.close();
        assertNothingWritten(scrubbed);
    }

    @Test
    void aRepairIsRefused() throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 0), CrashTrace.recording());
        scrubbed.corrupt(2, 8192, 100);
        RaidArray array = openReadOnly(scrubbed);
        for (String action : List.of("repair", "repair-force", "recover")) {
            String refusal = String.valueOf(
                    assertThrows(ArrayRefusedException.class, () -> array.setAttribute("sync_action", action))
                            .getMessage());
            assertTrue(refusal.startsWith("the array is mounted read-only: "), refusal);
        }
        array.close();
        assertNothingWritten(scrubbed);
    }

    /**
     * A block that can't be read is solved at each read: no member becomes faulty because the block can't be written
     * back.
     */
    @Test
    void blocksThatCanNotBeReadAreSolvedOnEveryMember() throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 0), CrashTrace.recording());
        scrubbed.faults(1).badSectors(ScrubbedArray.dataOffset() + 8192, 4096);
        scrubbed.faults(2).badSectors(ScrubbedArray.dataOffset() + 40960, 8192);
        RaidArray array = openReadOnly(scrubbed);
        Map<String, String> after = check(array);
        assertEquals("0", after.get("mismatch_cnt"));
        assertEquals("0", after.get("unreadable_cnt"));
        assertEquals("0", after.get("degraded"));
        ScrubbedArray.assertReads(array, scrubbed.content());
        array.close();
        assertNothingWritten(scrubbed);
    }

    /** In a read-only array no resync will make parity correct, so the scrub does not wait for it. */
    @Test
    void anArrayThatWasNotStoppedCleanlyIsComparedToo() throws IOException {
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_5, 3, 0);
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        scrubbed.corrupt(0, 0, 10);
        for (int slot = 0; slot < 3; slot++) {
            shape.rewriteAsDirty(scrubbed.disks().get(slot));
        }
        RaidArray array = openReadOnly(scrubbed);
        assertEquals("8", check(array).get("mismatch_cnt"));
        array.close();
    }
}
