package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** detail's text, --export, --brief: as mdadm 4.2 printed it for an array of the same state. */
class DetailReportTest {
    private static Map<String, String> attributes() {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "clean",
                "level", "raid5",
                "layout", "left-symmetric",
                "raid_disks", "4",
                "degraded", "1",
                "chunk_size", "65536",
                "journal_mode", "write-through",
                "sync_action", "recover",
                "sync_completed", "13000 / 38912",
                "uuid", "d05d63aa:ef52a2dc:62e88831:c0c2fd78"));
        attributes.putAll(Map.of(
                "consistency_policy", "journal",
                "sync_speed", "2048",
                "component_size", "19456",
                "metadata_version", "1.2",
                "events", "5",
                "name", "nas:tank",
                "creation_time", "1700000000",
                "update_time", "1700000001",
                "array_trouble", "none"));
        attributes.putAll(Map.of(
                "dev1", "in_sync /dev/null/a",
                "dev1_slot", "0",
                "dev2", "in_sync /dev/null/b",
                "dev2_slot", "1",
                "dev5", "rebuilding /dev/null/c",
                "dev5_slot", "2",
                "dev4", "in_sync /dev/null/d",
                "dev4_slot", "3",
                "dev0", "journal /dev/null/j"));
        attributes.put("dev0_slot", "journal");
        return attributes;
    }

    private static DetailReport report(Map<String, String> attributes) {
        return new DetailReport(Path.of("/mnt/tank"), 58368 << 10, new ArrayView(attributes));
    }

    /** mdadm 4.2 under Linux 6.1.192 printed this for such an array, with its own names of the devices. */
    @Test
    void textIsMdadms() {
        String expected = """
                /mnt/tank:
                           Version : 1.2
                     Creation Time : CREATED
                        Raid Level : raid5
                        Array Size : 58368 (57.00 MiB 59.77 MB)
                     Used Dev Size : 19456 (19.00 MiB 19.92 MB)
                      Raid Devices : 4
                     Total Devices : 5
                       Persistence : Superblock is persistent

                       Update Time : UPDATED
                             State : clean, degraded, recovering\040
                    Active Devices : 3
                   Working Devices : 5
                    Failed Devices : 0
                     Spare Devices : 1

                            Layout : left-symmetric
                        Chunk Size : 64K

                Consistency Policy : journal

                    Rebuild Status : 33% complete

                              Name : nas:tank
                              UUID : d05d63aa:ef52a2dc:62e88831:c0c2fd78
                            Events : 5

                    Number   Major   Minor   RaidDevice State
                       1       0        0        0      active sync   /dev/null/a
                       2       0        0        1      active sync   /dev/null/b
                       5       0        0        2      spare rebuilding   /dev/null/c
                       4       0        0        3      active sync   /dev/null/d

                       0       0        0        -      journal   /dev/null/j

                    mdfuse
                            Access : read-write
                      Journal Mode : write-through
                       Sync Action : recover
                     Sync Progress : 33.4% complete, 2.0 MiB/s of each device, finish in 0:00:06
                         New on it : mkfs.xfs -d su=64k,sw=3
                                or : mkfs.ext4 -b 4096 -E stride=16,stripe_width=48
                                or : pvcreate --dataalignment 192k""";
        assertEquals(
                expected.replace("CREATED", SuperblockText.time(1_700_000_000))
                        .replace("UPDATED", SuperblockText.time(1_700_000_001)),
                report(attributes()).toText());
    }

    @Test
    void aSlotMayBeEmptyOrHaveTwoDevices() {
        Map<String, String> attributes = attributes();
        attributes.put("dev1", "faulty /dev/null/a");
        attributes.put("dev1_slot", "none");
        attributes.put("dev5", "replacement /dev/null/c");
        attributes.put("dev5_slot", "1");
        attributes.put("dev9", "removed /dev/null/x");
        attributes.put("dev9_slot", "none");
        List<String> lines = new DeviceTable(new ArrayView(attributes)).lines();
        assertEquals(
                List.of(
                        "       -       0        0        0      removed",
                        "       2       0        0        1      active sync   /dev/null/b",
                        "       5       0        0        1      spare rebuilding   /dev/null/c",
                        "       -       0        0        2      removed",
                        "       4       0        0        3      active sync   /dev/null/d",
                        "",
                        "       0       0        0        -      journal   /dev/null/j",
                        "       1       0        0        -      faulty   /dev/null/a"),
                lines.subList(1, lines.size()));
        String own = String.join("\n", new OwnLines(new ArrayView(attributes)).lines());
        assertTrue(own.contains("Not Used : /dev/null/x"), own);
    }

    @Test
    void stateSaysWhatMdadmSays() {
        Map<String, String> attributes = attributes();
        attributes.put("sync_action", "idle");
        attributes.put("degraded", "0");
        assertEquals("clean", report(attributes).state());
        attributes.put("sync_action", "frozen");
        assertEquals("clean", report(attributes).state());
        String own = String.join("\n", new OwnLines(new ArrayView(attributes)).lines());
        assertTrue(own.contains("Sync Action : frozen"), own);
        attributes.put("degraded", "1");
        assertEquals("clean, degraded", report(attributes).state());
        attributes.put("degraded", "2");
        assertEquals("clean, FAILED", report(attributes).state());
        attributes.put("level", "raid6");
        attributes.put("array_state", "active");
        attributes.put("sync_action", "check");
        assertEquals("active, degraded, checking", report(attributes).state());
        attributes.put("sync_action", "repair");
        assertEquals("active, degraded, resyncing", report(attributes).state());
        attributes.put("array_state", "readonly");
        attributes.put("resync_start", "none");
        attributes.put("sync_action", "idle");
        assertEquals("clean, degraded", report(attributes).state());
        attributes.put("resync_start", "0");
        assertEquals("active, degraded", report(attributes).state());
        attributes.put("array_trouble", "the journal failed");
        assertEquals("active, FAILED", report(attributes).state());
    }

    /** A script looks for one of mdadm's labels and takes the first or the only line. */
    @Test
    void noLabelOfMdadmIsThereTwice() {
        Map<String, String> attributes = attributes();
        attributes.putAll(Map.of("sync_trouble", "x", "host_full", "y", "overlay", "memory", "reshape", "z"));
        String text = report(attributes).toText();
        String own = text.substring(text.indexOf(OwnLines.HEADING));
        for (String line : text.substring(0, text.indexOf(OwnLines.HEADING)).split("\n", -1)) {
            int colon = line.indexOf(" : ");
            if (colon > 0) {
                assertFalse(own.contains(line.substring(0, colon).strip() + " :"), line);
            }
        }
    }

    @Test
    void exportIsMdadms() {
        assertEquals(
                List.of(
                        "MD_LEVEL=raid5",
                        "MD_DEVICES=4",
                        "MD_METADATA=1.2",
                        "MD_UUID=d05d63aa:ef52a2dc:62e88831:c0c2fd78",
                        "MD_DEVNAME=tank",
                        "MD_RESHAPE_ACTIVE=False",
                        "MD_NAME=nas:tank",
                        "MD_DEVICE_dev_j_ROLE=spare",
                        "MD_DEVICE_dev_j_DEV=/dev/null/j",
                        "MD_DEVICE_dev_a_ROLE=0",
                        "MD_DEVICE_dev_a_DEV=/dev/null/a",
                        "MD_DEVICE_dev_b_ROLE=1",
                        "MD_DEVICE_dev_b_DEV=/dev/null/b",
                        "MD_DEVICE_dev_d_ROLE=3",
                        "MD_DEVICE_dev_d_DEV=/dev/null/d",
                        "MD_DEVICE_dev_c_ROLE=2",
                        "MD_DEVICE_dev_c_DEV=/dev/null/c"),
                new DetailExport("tank", new ArrayView(attributes())).lines());
    }

    @Test
    void namesCannotAddLinesOfTheirOwnToTheExport() {
        Map<String, String> attributes = attributes();
        attributes.put("dev1", "in_sync /tmp/1/x\nMD_LEVEL=evil.img");
        attributes.put("dev2", "in_sync /tmp/2/x\tMD_LEVEL=evil.img");
        List<String> lines = new DetailExport("tank", new ArrayView(attributes)).lines();
        assertEquals(
                lines.size(),
                lines.stream()
                        .map(line -> line.replaceAll("=.*", ""))
                        .distinct()
                        .count());
        assertTrue(lines.stream().noneMatch(line -> line.contains("\n") || line.startsWith("MD_LEVEL=evil")));
    }

    @Test
    void briefIsMdadms() {
        DetailBrief brief = new DetailBrief(Path.of("/mnt/tank"), new ArrayView(attributes()));
        assertEquals(
                List.of("ARRAY /mnt/tank metadata=1.2 spares=1 name=nas:tank UUID=d05d63aa:ef52a2dc:62e88831:c0c2fd78"),
                brief.lines(false));
        assertEquals(
                List.of(
                        "ARRAY /mnt/tank level=raid5 num-devices=4 metadata=1.2 spares=1 name=nas:tank"
                                + " UUID=d05d63aa:ef52a2dc:62e88831:c0c2fd78",
                        "   devices=/dev/null/a,/dev/null/b,/dev/null/c,/dev/null/d,/dev/null/j"),
                brief.lines(true));
    }

    /** The shape is that before the reshape, except the number of slots. */
    @Test
    void aReshapeIsToldInMdadmsLines() {
        Map<String, String> attributes = attributes();
        attributes.putAll(Map.of(
                "sync_action", "idle",
                "raid_disks", "5",
                "old_raid_disks", "4",
                "chunk_size", "131072",
                "old_chunk_size", "65536",
                "layout", "left-symmetric",
                "old_layout", "right-symmetric",
                "new_level", "raid6",
                "reshape", "disks 4 -> 5"));
        String text = report(attributes).toText();
        String expected = """
                            Layout : right-symmetric
                        Chunk Size : 64K

                Consistency Policy : journal

                     Delta Devices : 1, (4->5)
                         New Level : raid6
                        New Layout : left-symmetric
                     New Chunksize : 128K
                """;
        assertTrue(text.contains(expected), text);
        assertFalse(report(attributes()).toText().contains("Delta Devices"));
    }
}
