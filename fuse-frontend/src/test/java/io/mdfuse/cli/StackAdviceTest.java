package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands that fit an array's stripes. That the programs take them is tested with a real mount. */
class StackAdviceTest {
    private static ArrayView array(String level, int disks, int chunk) {
        return new ArrayView(Map.of("level", level, "raid_disks", "" + disks, "chunk_size", "" + chunk));
    }

    @Test
    void stripesOfEachLevel() {
        StackAdvice five = StackAdvice.of(array("raid5", 4, 64 << 10));
        assertEquals("mkfs.xfs -d su=64k,sw=3", five.xfs());
        assertEquals("mkfs.ext4 -b 4096 -E stride=16,stripe_width=48", five.ext4());
        assertEquals("pvcreate --dataalignment 192k", five.lvm());
        assertEquals(
                "mkfs.xfs -d su=512k,sw=4",
                StackAdvice.of(array("raid6", 6, 512 << 10)).xfs());
        assertEquals(
                "mkfs.xfs -d su=4k,sw=2",
                StackAdvice.of(array("raid4", 3, 4096)).xfs());
    }

    @Test
    void noStripesNoAdvice() {
        StackAdvice mirror = StackAdvice.of(array("raid1", 2, 0));
        assertEquals(
                List.of("mkfs.xfs", "mkfs.ext4 -b 4096", "pvcreate"),
                List.of(mirror.xfs(), mirror.ext4(), mirror.lvm()));
    }

    @Test
    void aNameWithABlankIsQuoted() {
        List<String> lines = StackAdvice.of(array("raid5", 3, 65536)).lines(Path.of("/mnt/my array"));
        assertEquals("losetup -f --show -b 4096 --direct-io=on '/mnt/my array'", lines.get(1));
    }
}
