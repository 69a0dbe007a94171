package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A hybrid RAID of disks of two sizes as a NAS makes it: a RAID-5 over three of them, a RAID-1 over what two have more,
 * made by md, and one volume group over both. A disk that has a member of both is missing.
 */
@Tag("oracle")
class HybridMirrorOracleTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
        Lvm.needs();
        Needs.program("sgdisk", "gdisk");
        Needs.program("mkfs.ext4", "e2fsprogs");
    }

    /** Without a disk that has a member of both; then without the other one, and with holes in both copies. */
    @Test
    void theVolumesOverARaid5AndARaid1AreReadByOneCommand() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            HybridRaid raid = HybridRaid.makeWithMirror(scratch);
            Path last = raid.disks().get(2);
            Path away = scratch.path("away");
            Files.move(last, away);
            assertRead(raid, scratch);
            Files.move(away, last);
            Files.delete(raid.disks().getFirst());
            HybridRaid.hole(raid.disks().get(1), HybridRaid.SECOND + 9 * HybridRaid.MIB, HybridRaid.MIB);
            HybridRaid.hole(last, HybridRaid.SECOND + 20 * HybridRaid.MIB, 512);
            assertRead(raid, scratch);
        }
    }

    private static void assertRead(HybridRaid raid, ScratchDirectory scratch) throws IOException {
        Path mountPoint = Files.createDirectories(scratch.path("mnt"));
        MountedArray.tryMount(List.of(scratch.path("disks")), mountPoint, "--run", "--volumes")
                .orFail();
        try (Stream<Path> files = Files.list(mountPoint)) {
            assertEquals(
                    List.of("2", "3", "vg1-fast", "vg1-volume_1"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
            assertArrayEquals(raid.content(), Files.readAllBytes(mountPoint.resolve("vg1-volume_1")));
            assertArrayEquals(raid.fast(), Files.readAllBytes(mountPoint.resolve("vg1-fast")));
        } finally {
            Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                    .orFail();
        }
    }
}
