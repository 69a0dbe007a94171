package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Volumes inside of arrays, made by lvm2 and sgdisk themselves, as files of a real mount. */
class VolumesMountTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Lvm.needs();
        Needs.program("sgdisk", "gdisk");
        Needs.program("mkfs.ext4", "e2fsprogs");
    }

    private static String mount(Path devices, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        return MountedArray.tryMount(List.of(devices), mountPoint, TestFileSystem.with(options, "--volumes"))
                .orFail()
                .output();
    }

    private static void unmount(Path mountPoint) throws IOException {
        Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                .orFail();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** A disk is missing, and the dumps of the other two lack different places. */
    @Test
    void aHybridRaidOfWhatIsLeftIsReadByOneCommand() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            HybridRaid raid = HybridRaid.make(scratch);
            Files.delete(raid.disks().getFirst());
            HybridRaid.hole(raid.disks().get(1), HybridRaid.SECOND + 10 * HybridRaid.MIB, HybridRaid.MIB);
            HybridRaid.hole(raid.disks().get(2), HybridRaid.SECOND + 20 * HybridRaid.MIB, 512);
            Path mountPoint = scratch.path("mnt");
            String said = mount(scratch.path("disks"), mountPoint, "--run");
            try {
                assertEquals(List.of("2", "3", "vg1-fast", "vg1-volume_1"), names(mountPoint));
                assertTrue(said.contains("it holds ext4, label \"nas-data\"; to use it: losetup"), said);
                assertArrayEquals(raid.content(), Files.readAllBytes(mountPoint.resolve("vg1-volume_1")));
                assertArrayEquals(raid.fast(), Files.readAllBytes(mountPoint.resolve("vg1-fast")));
                Path inside = Files.createDirectories(scratch.path("fs"));
                byte[] file = TestFileSystem.readByThePrintedLine(said, inside, "file11");
                assertArrayEquals(Files.readAllBytes(scratch.path("fill/file11")), file);
                assertEquals("readonly", detail(mountPoint));
            } finally {
                unmount(mountPoint);
            }
            assertArrayEquals(raid.fast(), exported("vg1-fast", scratch));
            Files.delete(raid.disks().get(1));
            Command.Result alone =
                    MountedArray.tryMount(List.of(raid.disks().get(2)), mountPoint, "--run", "--volumes");
            assertTrue(alone.exitStatus() == 0, alone::toString);
            try {
                assertTrue(alone.output().contains("left out, because it can't be opened"), alone::toString);
                assertTrue(
                        alone.output().contains("its physical volume pv0 (last /dev/loop")
                                && alone.output().contains("these have some: volume_1, fast"),
                        alone::toString);
                assertEquals(List.of("3", "vg1-fast", "vg1-volume_1"), names(mountPoint));
                Command.Result read = Command.run(
                        "dd", "if=" + mountPoint.resolve("vg1-volume_1"), "of=/dev/null", "bs=4k", "count=1");
                assertTrue(read.error().contains("Input/output error"), read::toString);
            } finally {
                unmount(mountPoint);
            }
        }
    }

    private static byte[] exported(String volume, ScratchDirectory scratch) throws IOException {
        Path output = scratch.path("exported");
        List<String> command = List.of(
                Project.mdfuse().toString(),
                "export",
                "--run",
                "--volume",
                volume,
                "--output",
                output.toString(),
                scratch.path("disks").toString());
        Command.run(command).orFail();
        return Files.readAllBytes(output);
    }

    private static String detail(Path mountPoint) throws IOException {
        String text = Command.run(Project.mdfuse().toString(), "detail", mountPoint.toString())
                .orFail()
                .output();
        assertTrue(text.contains("raid5"), text);
        return text.contains("readonly") || text.contains("read-only") ? "readonly" : text;
    }

    /** Partitions, one of them a physical volume of its own, in an array that is open read-write before. */
    @Test
    void partitionsAndAVolumeGroupInOneOfThemAreFiles() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            byte[] plain = new byte[1 << 20];
            new java.util.Random(2).nextBytes(plain);
            try (MountedArray array = MountedArray.mount(images, scratch.path("rw"))) {
                Command.run(
                                "sgdisk",
                                "-n1:2048:+1M",
                                "-n2:4096:0",
                                array.volume().toString())
                        .orFail();
                try (LoopDevice first = LoopDevice.attach(array.volume(), "--offset", "1M", "--sizelimit", "1M");
                        LoopDevice second = LoopDevice.attach(array.volume(), "--offset", "2M")) {
                    Files.write(Path.of(first.node()), plain);
                    Lvm lvm = new Lvm(List.of(second.node()));
                    lvm.run("pvcreate", "-q", second.node());
                    lvm.run("vgcreate", "-q", "-s", "512k", "vg-a", second.node());
                    lvm.create("vg-a", "home", "-l", "2");
                    lvm.write("vg-a/home", plain);
                }
                array.unmount();
            }
            Path mountPoint = scratch.path("mnt");
            String plainMount = MountedArray.tryMount(
                            List.of(images.directory()), Files.createDirectories(mountPoint), "--read-only")
                    .orFail()
                    .output();
            unmount(mountPoint);
            assertTrue(
                    plainMount.contains("inside of it: 2 partitions; volume group vg-a: home; mount it with --volumes"),
                    plainMount);
            mount(images.directory(), mountPoint);
            try {
                String name = names(mountPoint).getFirst();
                assertEquals(List.of(name, name + "-part1", name + "-part2", "vg--a-home"), names(mountPoint));
                assertArrayEquals(plain, Files.readAllBytes(mountPoint.resolve(name + "-part1")));
                assertArrayEquals(plain, Files.readAllBytes(mountPoint.resolve("vg--a-home")));
            } finally {
                unmount(mountPoint);
            }
        }
    }
}
