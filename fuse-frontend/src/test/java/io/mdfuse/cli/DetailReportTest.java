package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DetailReportTest {
    private static Map<String, String> attributes() {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "active",
                "level", "raid5",
                "raid_disks", "3",
                "degraded", "1",
                "chunk_size", "65536",
                "journal_mode", "write-through",
                "sync_action", "resync",
                "sync_completed", "100 / 200",
                "uuid", "00000001:00000002:00000003:00000004",
                "rd0", "in_sync a.img"));
        attributes.put("consistency_policy", "journal");
        attributes.put("sync_speed", "2048");
        attributes.put("component_size", "15360");
        attributes.put("name", "nas:vol");
        return attributes;
    }

    @Test
    void textUsesMdadmsTerms() {
        String expected = """
                /mnt/vol:
                        Raid Level : raid5
                        Array Size : 30720 (30.00 MiB 31.46 MB)
                     Used Dev Size : 15360 (15.00 MiB 15.73 MB)
                      Raid Devices : 3
                     Total Devices : 1

                             State : active, degraded, resyncing
                   Missing Devices : 1
                    Active Devices : 1
                   Working Devices : 1
                    Failed Devices : 0
                     Spare Devices : 0
                        Chunk Size : 64K
                Consistency Policy : journal
                      Journal Mode : write-through
                     Resync Status : 50.0% complete, 2.0 MiB/s of each device, finish in 0:00:00
                              Name : nas:vol
                              UUID : 00000001:00000002:00000003:00000004
                      RaidDevice 0 : in_sync a.img""";
        assertEquals(expected, new DetailReport(Path.of("/mnt/vol"), 30 << 20, attributes()).toText());
    }

    @Test
    void timesAndCountsAreThoseOfMdadm() {
        Map<String, String> attributes = attributes();
        attributes.put("creation_time", "1700000000");
        attributes.put("update_time", "1700000001");
        attributes.put("dev0", "in_sync a.img");
        attributes.put("dev1", "faulty b.img");
        attributes.put("dev2", "rebuilding c.img");
        attributes.put("dev3", "journal j.img");
        attributes.put("dev4", "removed x.img");
        String text = new DetailReport(Path.of("/mnt/vol"), 30 << 20, attributes).toText();
        for (String line : List.of(
                "Creation Time : " + SuperblockText.time(1_700_000_000),
                "Update Time : " + SuperblockText.time(1_700_000_001),
                "Total Devices : 4",
                "Active Devices : 1",
                "Working Devices : 3",
                "Failed Devices : 1",
                "Spare Devices : 1")) {
            assertEquals(true, text.contains(line + "\n"), text);
        }
    }

    @Test
    void anIdleCompleteArrayWithoutAJournalHasFewerLines() {
        Map<String, String> attributes = attributes();
        attributes.put("array_state", "clean");
        attributes.put("degraded", "0");
        attributes.put("journal_mode", "none");
        attributes.put("consistency_policy", "bitmap");
        attributes.put("sync_action", "idle");
        String text = new DetailReport(Path.of("/mnt/vol"), 30 << 20, attributes).toText();
        assertEquals(true, text.contains("State : clean\n"), text);
        assertEquals(true, text.contains("Consistency Policy : bitmap\n"), text);
        assertEquals(false, text.contains("Resync Status"), text);
    }

    @Test
    void jsonHasNumbersWhereNumbersAre() throws Exception {
        String json = new DetailReport(
                        Path.of("/mnt/a \"b\""), 512, new TreeMap<>(Map.of("degraded", "0", "level", "raid5")))
                .toJson();
        assertEquals(
                "{\"file\":\"/mnt/a \\\"b\\\"\",\"size\":512,\"degraded\":0,\"level\":\"raid5\"}",
                json.replaceAll("\\s*\\R\\s*", "").replace(" : ", ":"));
    }
}
