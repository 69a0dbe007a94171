package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lines of {@code detail --advice} are run as printed; what the programs made of them is asked of the programs. */
class StackAdviceLinesTest {
    private static final long MEMBER_BYTES = 256 << 20;

    @Test
    void theProgramsTakeTheStripes() throws IOException {
        Needs.mount();
        Needs.loopDevices();
        Needs.program("mkfs.xfs", "xfsprogs");
        Needs.program("pvcreate", "lvm2");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, MEMBER_BYTES, 0);
            TestFileSystem.createArray(images, new TestArrayShape(5, 4, 64, "", "1.2", false));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                List<String> lines = new MemberVerbs(array)
                        .run("detail", "--advice")
                        .orFail()
                        .output()
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .toList();
                String node = shell(lines.get(0)).strip();
                try {
                    shell(lines.get(1).replace("/dev/loopN", node));
                    String xfs = shell("xfs_db -r -c 'sb 0' -c 'p unit width blocksize' " + node);
                    assertTrue(xfs.contains("unit = 16\n") && xfs.contains("width = 48\n"), xfs);
                    shell(lines.get(2).replace("mkfs.ext4", "mkfs.ext4 -q -F").replace("/dev/loopN", node));
                    String ext4 = shell("dumpe2fs -h " + node + " 2>/dev/null");
                    assertTrue(ext4.matches("(?s).*RAID stride: +16\n.*RAID stripe width: +48\n.*"), ext4);
                    shell("wipefs -q -a " + node);
                    shell(lines.get(3).replace("/dev/loopN", node));
                    String lvm = shell("pvs --noheadings --units s -o pe_start " + node);
                    assertEquals("0", Long.toString(Long.parseLong(lvm.replaceAll("[^0-9]", "")) % 384), lvm);
                } finally {
                    shell("losetup --detach " + node);
                }
                array.unmount();
            }
        }
    }

    private static String shell(String line) throws IOException {
        return Command.run("bash", "-c", line).orFail().output();
    }
}
