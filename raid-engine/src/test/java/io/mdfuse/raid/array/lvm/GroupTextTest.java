package io.mdfuse.raid.array.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.array.lvm.VolumeGroup.LogicalVolume;
import org.junit.jupiter.api.Test;

/** What the text of a volume group may say, and what is refused in it. */
class GroupTextTest {
    private static final String ID = "YFe53Q-8fWr-qOYB-zjK6-2Vsu-1tCW-BwuqN0";

    private static String group(String logical) {
        return "# made by hand\nvg {\n id = \"" + ID + "\" seqno = 3 status = [\"READ\",] extent_size = 8\n"
                + "physical_volumes { pv0 { id = \"" + ID + "\" device = \"/dev/\\\"x\\\\\" pe_start = 2048"
                + " pe_count = 10 } }\nlogical_volumes { " + logical + " } }\nversion = 1\n";
    }

    private static String logical(String name, String segment) {
        return name + " { id = \"" + ID + "\" status = [\"READ\", \"VISIBLE\"] segment_count = 1 segment1 {"
                + " start_extent = 0 extent_count = 4 " + segment + " } }";
    }

    private static LogicalVolume only(String text) throws LvmDamagedException {
        return GroupReader.parse(text).logicalVolumes().getFirst();
    }

    @Test
    void aGroupIsRead() throws LvmDamagedException {
        VolumeGroup group =
                GroupReader.parse(group(logical("lv", "type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 2 ]")));
        assertEquals("vg", group.name());
        assertEquals(4096, group.extentBytes());
        assertEquals("/dev/\"x\\", group.physicalVolumes().getFirst().device());
        assertEquals(4, group.logicalVolumes().getFirst().extents());
        assertEquals(
                new VolumeGroup.Stripe("pv0", 2),
                group.logicalVolumes()
                        .getFirst()
                        .segments()
                        .getFirst()
                        .stripes()
                        .getFirst());
    }

    @Test
    void typesThatAreNotServedAreNamed() throws LvmDamagedException {
        for (String type : new String[] {"thin", "thin-pool", "cache", "raid5_ls", "mirror", "vdo", "writecache"}) {
            assertEquals(
                    "its type is " + type,
                    only(group(logical("lv", "type = \"" + type + "\"")))
                            .unserved()
                            .orElseThrow());
        }
    }

    @Test
    void theStoreOfASnapshotIsNoVolume() throws LvmDamagedException {
        String plain = "type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 2 ]";
        VolumeGroup kept = GroupReader.parse(group(logical("home", plain)
                + logical("snap", plain)
                + logical("snapshot0", "type = \"snapshot\" origin = \"home\" cow_store = \"snap\" chunk_size = 8")));
        assertTrue(kept.logicalVolumes().get(0).unserved().isEmpty());
        assertEquals(
                "it is the store of a snapshot",
                kept.logicalVolumes().get(1).unserved().orElseThrow());
        VolumeGroup merging = GroupReader.parse(group(logical("home", plain)
                + logical("snap", plain)
                + logical("snapshot0", "type = \"snapshot\" origin = \"home\" merging_store = \"snap\"")));
        assertEquals(
                "a snapshot is being merged into it",
                merging.logicalVolumes().getFirst().unserved().orElseThrow());
    }

    @Test
    void contradictionsAreRefused() {
        String good = group(logical("lv", "type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 2 ]"));
        String[][] changes = {
            {"start_extent = 0", "start_extent = 1"},
            {"extent_count = 4", "extent_count = 0"},
            {"extent_count = 4", "extent_count = 4611686018427387904"},
            {"extent_count = 4", "extent_count = 99999999999999999999"},
            {"extent_size = 8", "extent_size = 0"},
            {"extent_size = 8", "extent_size = \"8\""},
            {"stripe_count = 1", "stripe_count = 2 stripe_size = 128"},
            {"stripe_count = 1", "stripe_count = 3 stripe_size = 128"},
            {"\"pv0\", 2", "\"pv0\", -2"},
            {"\"pv0\", 2", "2, \"pv0\""},
            {"lv {", "../lv {"},
            {"vg {", ".. {"},
            {ID + "\" seqno", "short\" seqno"},
            {"seqno = 3", ""},
            {"segment1", "segment2"},
            {"version = 1", "version = 1.5"},
            {"version = 1", "other { }"},
            {"version = 1", "}"},
            {"version = 1", "version = \"open"},
            {"version = 1", "version = [ 1 2 ]"},
        };
        for (String[] change : changes) {
            assertTrue(good.contains(change[0]), change[0]);
            String bad = good.replace(change[0], change[1]);
            assertThrows(LvmDamagedException.class, () -> GroupReader.parse(bad), change[1]);
        }
    }

    @Test
    void depthAndNumberAreBounded() {
        String deep = "a { ".repeat(100_000);
        assertTrue(refusal(deep).contains("within more than"), refusal(deep));
        String many = "a = [ " + "1, ".repeat(ConfigText.MOST_VALUES + 1) + "]";
        assertTrue(refusal(many).contains("more than"), refusal(many));
    }

    private static String refusal(String text) {
        return String.valueOf(assertThrows(LvmDamagedException.class, () -> GroupReader.parse(text))
                .getMessage());
    }
}
