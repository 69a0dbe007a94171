package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The losetup line that a mount prints fits the content: real tools made the content, and the line is run unchanged.
 */
class LosetupLineTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.loopDevices();
    }

    private static Images blankArray(ScratchDirectory scratch) throws IOException {
        Images images = Images.blank(scratch.path("images"), 3, 64 << 20, 0);
        TestFileSystem.createArray(images, new TestArrayShape(5, 3, 64, "", "1.2", false));
        return images;
    }

    @ParameterizedTest
    @CsvSource({"ext4, true", "ext4-1024, false", "xfs-512, false", "xfs-4096, true", "btrfs, true"})
    void aFileSystemIsReadByThePrintedLine(String kind, boolean blocksOf4096) throws IOException {
        TestFileSystem.needs(kind);
        byte[] content = kind.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = blankArray(scratch);
            Path inside = Files.createDirectory(scratch.path("fs"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertEquals(
                        "it holds nothing yet; to use it as a block device: losetup -f --show -b 4096 --direct-io=on "
                                + array.volume(),
                        array.startMessages().strip());
                try (LoopDevice loop = LoopDevice.attach(array.volume())) {
                    TestFileSystem.make(kind, loop.node());
                    try (LoopDevice.FileSystem mounted = loop.mount(inside)) {
                        Files.write(mounted.mountPoint().resolve("file"), content);
                    }
                }
                array.unmount();
            }
            for (String option : new String[] {"--threads=4", "--read-only"}) {
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), option)) {
                    String said = array.startMessages();
                    assertEquals(1, said.lines().count(), said);
                    assertEquals(blocksOf4096, said.contains(" -b 4096"), said);
                    assertEquals(option.equals("--read-only"), said.contains(" -r ") && said.contains("-o ro "), said);
                    assertArrayEquals(content, TestFileSystem.readByThePrintedLine(said, inside));
                    array.unmount();
                }
            }
        }
    }

    /** A partition table counts in the sectors of the disk that it was made on. */
    @Test
    void aPartitionTableOf512ByteSectorsIsNotGivenLargerOnes() throws IOException {
        Needs.program("sgdisk", "gdisk");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = blankArray(scratch);
            for (String sectorBytes : new String[] {"512", "4096"}) {
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"));
                        LoopDevice loop = LoopDevice.attach(array.volume(), "--sector-size", sectorBytes)) {
                    Command.run("sgdisk", "--zap-all", loop.node());
                    Command.run("sgdisk", "-n1:2048:0", loop.node()).orFail();
                }
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                    String said = array.startMessages();
                    assertTrue(said.contains("GPT") && said.contains(" -P "), said);
                    assertEquals(sectorBytes.equals("4096"), said.contains(" -b 4096"), said);
                    assertTrue(said.contains("--overlay memory"), said);
                    String losetup = said.replaceAll("(?s).*to use it: ([^;]*);.*", "$1");
                    try (LoopDevice loop = new LoopDevice(
                            Command.run("bash", "-c", losetup).orFail().output().strip())) {
                        String table = Command.run("sgdisk", "-p", loop.node()).output();
                        assertTrue(table.contains("   1            2048"), table);
                    }
                }
            }
        }
    }
}
