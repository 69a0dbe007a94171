package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file system that was not unmounted replays its log on a read-only mount, and no byte of any device changes. */
class OverlayMountTest {
    private static final long MEMBER_BYTES = 64 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    /** A crash: copies are made of a mounted array under a mounted file system, after the file's fsync. */
    private static Images crashed(ScratchDirectory scratch, TestArrayShape shape, String fileSystem, byte[] content)
            throws IOException {
        Images images =
                Images.blank(scratch.path("images"), shape.members(), MEMBER_BYTES, shape.journal() ? 8 << 20 : 0);
        TestFileSystem.createArray(images, shape);
        Path inside = Files.createDirectories(scratch.path("fs"));
        try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
            Images copies;
            try (LoopDevice loop = LoopDevice.attach(array.volume(), "--direct-io=on")) {
                TestFileSystem.make(fileSystem, loop.node());
                try (LoopDevice.FileSystem mounted = loop.mount(inside)) {
                    Path file = mounted.mountPoint().resolve("file");
                    Files.write(file, content);
                    Command.run("sync", file.toString()).orFail();
                    copies = images.copyTo(scratch.path("copy"));
                }
            }
            array.unmount();
            return copies;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ext4, 5, 3, false, false",
        "ext4, 6, 5, true, true",
        "xfs-512, 5, 4, true, false",
        "xfs-4096, 6, 4, false, true",
        "btrfs, 5, 4, false, true"
    })
    void aPlainReadOnlyMountLetsTheLogBeReplayed(
            String fileSystem, int level, int members, boolean journal, boolean degraded) throws IOException {
        Needs.loopDevices();
        TestFileSystem.needs(fileSystem);
        byte[] content = new byte[300_000];
        new Random(members).nextBytes(content);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            TestArrayShape shape = new TestArrayShape(level, members, 64, "", "1.2", journal);
            Images copies = crashed(scratch, shape, fileSystem, content);
            if (degraded) {
                Files.delete(copies.members().get(1));
                copies = Images.in(copies.directory());
            }
            Map<String, String> before = copies.digests();
            // A dirty degraded array is opened only with --force, read-only or not.
            String[] options =
                    degraded ? new String[] {"--read-only", "--run", "--force"} : new String[] {"--read-only"};
            try (MountedArray array = MountedArray.mount(copies, scratch.path("mnt"), options)) {
                String said = array.startMessages();
                assertTrue(said.contains("LOST at the unmount"), said);
                assertEquals("readonly", array.attribute("array_state"));
                assertEquals("memory", array.attribute("overlay"));
                assertArrayEquals(content, TestFileSystem.readByThePrintedLine(said, scratch.path("fs")));
                assertTrue(Long.parseLong(array.attribute("overlay_bytes")) > 0, "nothing was replayed");
                array.unmount();
            }
            assertEquals(before, copies.digests());
            try (MountedArray array = MountedArray.mount(
                    copies, scratch.path("mnt"), TestFileSystem.with(options, "--overlay", "none"))) {
                String said = array.startMessages();
                assertTrue(said.contains("norecovery") && said.contains("--overlay memory"), said);
                assertFalse(said.contains("LOST"), said);
                assertEquals("r--------", PosixFilePermissions.toString(Files.getPosixFilePermissions(array.volume())));
                TestFileSystem.readByThePrintedLine(said, scratch.path("fs"), "");
                array.unmount();
            }
            assertEquals(before, copies.digests());
        }
    }

    @Test
    void whatIsWrittenReadsBackUntilTheUnmount() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path file = scratch.path("overlay");
            for (List<String> where :
                    List.of(List.of("--overlay", "memory"), List.of("-r", "--overlay", file.toString()))) {
                try (MountedArray array =
                        MountedArray.mount(images, scratch.path("mnt"), where.toArray(String[]::new))) {
                    assertTrue(array.startMessages().contains("LOST at the unmount"), array.startMessages());
                    assertFalse(Files.exists(file), "its name is gone while it is used");
                    assertEquals(
                            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(array.volume())));
                    PatternWriter.fill(array.volume(), new WorkPattern(3));
                    String digest = Digests.sha256(array.volume());
                    Command.run(
                                    "fallocate",
                                    "-p",
                                    "-o",
                                    "4096",
                                    "-l",
                                    "65536",
                                    array.volume().toString())
                            .orFail();
                    byte[] some = new byte[65536];
                    assertArrayEquals(some, TestFileSystem.read(array.volume(), 4096, some.length));
                    assertFalse(digest.equals(Digests.sha256(array.volume())));
                    array.unmount();
                }
                assertEquals(before, images.digests());
            }
            Images.sparse(file, 4096);
            Command.Result refused =
                    MountedArray.tryMount(images.all(), scratch.path("mnt"), "--overlay", file.toString());
            assertEquals(1, refused.exitStatus());
            assertTrue(refused.error().contains("exists"), refused::toString);
            assertEquals(before, images.digests());
        }
    }

    @Test
    void aFullOverlaySaysNoSpaceAndNothingElseBreaks() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            try (MountedArray array =
                    MountedArray.mount(images, scratch.path("mnt"), "-o", "ro", "--overlay", "memory:1M")) {
                Command.Result full = Command.run(
                        "dd", "if=/dev/urandom", "of=" + array.volume(), "bs=64k", "count=32", "conv=notrunc,fsync");
                assertEquals(1, full.exitStatus(), full::toString);
                assertTrue(full.error().contains("No space left on device"), full::toString);
                try (FileChannel again = FileChannel.open(array.volume(), StandardOpenOption.WRITE)) {
                    assertEquals(4096, again.write(ByteBuffer.allocate(4096), 0), "a block that is held already");
                }
                assertEquals("1048576", array.attribute("overlay_bytes"));
                array.unmount();
            }
            assertEquals(before, images.digests());
        }
    }
}
