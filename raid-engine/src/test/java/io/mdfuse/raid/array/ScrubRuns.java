package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.Map;

/** What the tests of scrubs have in common: runs of a scrub and what they find. */
final class ScrubRuns {
    /** The layouts of RAID-6, as a pattern for EnumSource. */
    static final String WITH_Q = ".*(_6|PLUS_Q|DDF.*)";

    private ScrubRuns() {}

    static ArrayShape shape(ParityLayout layout, int disks, int chunkSectors, int rows, int journalBlocks) {
        return new ArrayShape(layout, disks, chunkSectors, rows, journalBlocks, Superblock.IN_SYNC, false);
    }

    /** Runs a scrub on a runtime that runs its tasks at once, to its end. */
    static Map<String, String> run(RaidArray array, String action) throws IOException {
        array.setAttribute("sync_action", action);
        Map<String, String> after = array.attributes();
        assertEquals("done", attribute(after, "last_sync_result"));
        assertEquals(action, attribute(after, "last_sync_action"));
        assertEquals("idle", attribute(after, "sync_action"));
        return after;
    }

    /** The value of an attribute. */
    static String attribute(Map<String, String> attributes, String name) {
        return attributes.getOrDefault(name, "no " + name);
    }

    /** The newest scrub has counted these sectors, and could read all. */
    static void assertFound(Map<String, String> attributes, long sectors, long unrepaired) {
        assertEquals(Long.toString(sectors), attribute(attributes, "mismatch_cnt"), attributes::toString);
        assertEquals(Long.toString(unrepaired), attribute(attributes, "mismatch_unrepaired"), attributes::toString);
        assertEquals("0", attribute(attributes, "unreadable_cnt"), attributes::toString);
    }

    /** All members have the content that they had before the corruption. */
    static void assertSound(ScrubbedArray scrubbed) throws IOException {
        for (int slot = 0; slot < scrubbed.shape().disks(); slot++) {
            assertArrayEquals(scrubbed.soundMember(slot), scrubbed.member(slot), "slot " + slot);
        }
    }
}
