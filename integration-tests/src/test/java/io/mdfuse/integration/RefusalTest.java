package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arrays that must not be mounted: each is refused with one line that names the device at fault, exit status 1, no
 * change to any image, and no process or mount left.
 */
class RefusalTest {
    private static final int SUPERBLOCK_BYTES = 4096;

    /**
     * Makes the devices of a refused mount out of a good array's images.
     *
     * @param about what is wrong, for the test's name
     * @param mention what the error line must name
     */
    private record Bad(String about, String mention, Spoil spoil) {
        @Override
        public String toString() {
            return about;
        }
    }

    @FunctionalInterface
    private interface Spoil {
        List<Path> devices(Images images) throws IOException;
    }

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    static Stream<Bad> badDevices() {
        return Stream.of(noMembers(), wrongSets(), wrongMembers()).flatMap(devices -> devices);
    }

    /** Files that are no members, or not any more. */
    private static Stream<Bad> noMembers() {
        return Stream.of(
                new Bad(
                        "no such file",
                        "nowhere.img",
                        images -> plus(images, images.directory().resolve("nowhere.img"))),
                new Bad("a directory", "images", images -> plus(images, images.directory())),
                new Bad("an empty file", "empty.img", images -> plus(images, blank(images, "empty.img", 0))),
                new Bad("no superblock", "zeros.img", images -> plus(images, blank(images, "zeros.img", 12 << 20))),
                new Bad("a member cut short", "disk1.img", images -> {
                    Images.sparse(images.members().get(1), 4 << 20);
                    return images.all();
                }),
                new Bad("a corrupt superblock", "disk2.img", images -> {
                    Images.flip(images.members().get(2), SUPERBLOCK_BYTES + 0x4c);
                    return images.all();
                }),
                new Bad("a corrupt journal superblock", "journal.img", images -> {
                    Images.flip(images.directory().resolve("journal.img"), SUPERBLOCK_BYTES + 0x98);
                    return images.all();
                }));
    }

    /** Members of the array, too few or too many. */
    private static Stream<Bad> wrongSets() {
        return Stream.of(
                new Bad("two members missing", "missing", images -> without(images, "disk0.img", "disk2.img")),
                new Bad("the journal missing", "journal", images -> without(images, "journal.img")),
                new Bad(
                        "one file twice",
                        "disk0.img",
                        images -> plus(images, images.members().getFirst())),
                new Bad("one file under two names", "disk0.img", images -> {
                    Path link = images.directory().resolve("link.img");
                    return plus(
                            images,
                            Files.createSymbolicLink(link, images.members().getFirst()));
                }),
                new Bad("two members that claim one slot", "disk1", images -> {
                    Path twin = images.directory().resolve("disk1-twin.img");
                    Files.copy(images.members().get(1), twin);
                    return plus(images, twin);
                }));
    }

    /** Members that do not fit the others. */
    private static Stream<Bad> wrongMembers() {
        return Stream.of(
                new Bad("a member of another array", "stranger", images -> {
                    Images other =
                            TestArrayShape.usual().create(images.directory().resolve("stranger"));
                    List<Path> devices = new ArrayList<>(images.all());
                    devices.set(0, other.members().getFirst());
                    return devices;
                }),
                new Bad("a stale member", "disk3.img", images -> {
                    makeStale(images, images.members().get(3));
                    return images.all();
                }));
    }

    /** Replaces a member by a copy from before two mounts. */
    private static void makeStale(Images images, Path member) throws IOException {
        Path old = Files.copy(member, images.directory().resolve("old"));
        for (int i = 0; i < 2; i++) {
            try (MountedArray array =
                    MountedArray.mount(images, images.directory().resolve("mnt"))) {
                Command.run("dd", "if=/dev/urandom", "of=" + array.volume(), "bs=64K", "count=4", "conv=notrunc")
                        .orFail();
                array.unmount();
            }
        }
        Files.delete(member);
        Files.move(old, member);
    }

    @ParameterizedTest
    @MethodSource("badDevices")
    void isRefusedInOneLineAndNothingIsWritten(Bad bad) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            List<Path> devices = bad.spoil().devices(images);
            Map<String, String> before = Images.in(images.directory()).digests();

            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            Command.Result result = MountedArray.tryMount(devices, mountPoint);

            assertRefused(result, bad.mention());
            assertEquals(before, Images.in(images.directory()).digests());
            assertNothingLeft(mountPoint);
        }
    }

    @Test
    void aDirtyArrayWithoutAMemberAndWithoutAJournalIsRefused() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = scratch.path("mnt");
            CrashLoad load = new CrashLoad(5);
            try (MountedArray array = MountedArray.mount(images, mountPoint)) {
                PatternWriter.fill(array.volume(), load.pattern());
                load.runAndKill(array);
            }
            Map<String, String> before = images.digests();
            List<Path> devices = images.members().subList(1, 4);
            assertRefused(MountedArray.tryMount(devices, mountPoint), "--force");
            assertRefused(MountedArray.tryMount(devices, mountPoint, "--run"), "--force");
            assertEquals(before, images.digests());
            assertNothingLeft(mountPoint);
        }
    }

    @Test
    void aMountedArrayIsNotMountedTwice() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path second = Files.createDirectory(scratch.path("second"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertRefused(MountedArray.tryMount(images.all(), second), "disk0.img");
                Images other = TestArrayShape.usual().create(scratch.path("other"));
                assertRefused(
                        MountedArray.tryMount(other.all(), array.mountPoint()),
                        array.mountPoint().toString());
                array.unmount();
            }
            assertNothingLeft(second);
        }
    }

    @Test
    void aMemberThatBacksALoopDeviceIsRefused() throws IOException {
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            try (LoopDevice loop = LoopDevice.attach(images.members().get(2))) {
                assertRefused(MountedArray.tryMount(images.all(), mountPoint), loop.node());
            }
            assertEquals(before, images.digests());
            assertNothingLeft(mountPoint);
        }
    }

    @Test
    void aMountPointThatIsNoneIsRefused() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path file = Files.createFile(scratch.path("file"));
            // An argument at the wrong position is a usage error.
            Command.Result notADirectory = MountedArray.tryMount(images.all(), file);
            assertEquals(2, notADirectory.exitStatus(), notADirectory::toString);
            assertEquals(1, notADirectory.errorLines().size(), notADirectory::toString);
            assertTrue(notADirectory.error().contains(file.toString()), notADirectory::toString);
            Path nowhere = scratch.path("nowhere");
            assertRefused(MountedArray.tryMount(images.all(), nowhere), nowhere.toString());
            assertFalse(Files.exists(nowhere));
            assertEquals(before, images.digests());
        }
    }

    private static void assertRefused(Command.Result result, String mention) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(mention), () -> "does not name " + mention + ": " + result);
        assertEquals("", result.output());
    }

    private static void assertNothingLeft(Path mountPoint) throws IOException {
        assertFalse(MountedArray.isMounted(mountPoint));
        assertEquals(List.of(), MountedArray.servers(mountPoint));
    }

    private static List<Path> plus(Images images, Path more) {
        List<Path> devices = new ArrayList<>(images.all());
        devices.add(more);
        return devices;
    }

    private static List<Path> without(Images images, String... names) {
        return images.all().stream()
                .filter(image -> !List.of(names).contains(String.valueOf(image.getFileName())))
                .toList();
    }

    private static Path blank(Images images, String name, long lengthBytes) throws IOException {
        Path file = images.directory().resolve(name);
        Images.sparse(file, lengthBytes);
        return file;
    }
}
