package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The lines of /proc/mdstat that Linux 6.1.192 showed for arrays in the same states. */
class StatusReportTest {
    private static Map<String, String> replacing() {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "clean",
                "level", "raid6",
                "layout", "left-symmetric",
                "raid_disks", "4",
                "degraded", "0",
                "chunk_size", "65536",
                "metadata_version", "1.2",
                "sync_action", "recover",
                "sync_completed", "12032 / 38912",
                "sync_speed", "1504"));
        String[] letters = {"a", "b", "c", "d"};
        for (int slot = 0; slot < letters.length; slot++) {
            attributes.put("dev" + slot, "in_sync /dev/ubd" + letters[slot]);
            attributes.put("dev" + slot + "_slot", Integer.toString(slot));
        }
        attributes.put("dev4", "replacement /dev/ubdf");
        attributes.put("dev4_slot", "1");
        return attributes;
    }

    private static List<String> lines(Map<String, String> attributes) {
        return new StatusReport(Path.of("/mnt/tank"), 38912 << 10, new ArrayView(attributes)).lines();
    }

    @Test
    void aRebuildHasTheBarOfMd() {
        assertEquals(
                List.of(
                        "md_tank : active raid6 ubdf[4](R) ubdd[3] ubdc[2] ubdb[1] ubda[0]",
                        "      38912 blocks super 1.2 level 6, 64k chunk, algorithm 2 [4/4] [UUUU]",
                        "      [======>..............]  recovery = 30.9% (6016/19456) finish=0.1min speed=1504K/sec",
                        "      mounted on /mnt",
                        ""),
                lines(replacing()));
    }

    @Test
    void failedJournalAndSpareDevicesAreMarked() {
        Map<String, String> attributes = replacing();
        attributes.putAll(Map.of(
                "sync_action", "idle",
                "degraded", "1",
                "array_state", "readonly",
                "dev1", "faulty /dev/ubdb",
                "dev1_slot", "none",
                "dev4", "journal /tmp/my images/j",
                "dev4_slot", "journal",
                "dev7", "spare /dev/ubdx",
                "dev7_slot", "none"));
        assertEquals(
                List.of(
                        "md_tank : active (read-only) raid6 ubdx[7](S) j[4](J) ubdd[3] ubdc[2] ubdb[1](F) ubda[0]",
                        "      38912 blocks super 1.2 level 6, 64k chunk, algorithm 2 [4/3] [U_UU]",
                        "      "),
                lines(attributes).subList(0, 3));
    }

    @Test
    void aCheckAtItsStartAndItsEnd() {
        Map<String, String> attributes = replacing();
        attributes.put("sync_action", "check");
        attributes.put("sync_completed", "0 / 38912");
        attributes.put("sync_speed", "none");
        assertEquals(
                "      [>....................]  check =  0.0% (0/19456) finish=0.0min speed=0K/sec",
                lines(attributes).get(2));
        attributes.put("sync_completed", "38912 / 38912");
        assertEquals(
                "      [====================>]  check =100.0% (19456/19456) finish=0.0min speed=0K/sec",
                lines(attributes).get(2));
    }
}
