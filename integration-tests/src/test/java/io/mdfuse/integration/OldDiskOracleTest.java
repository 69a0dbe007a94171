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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * More disks than the array has are given: a disk that failed, its replacement, and an older copy of a disk that is in
 * use. md assembles the array from the newest disk of each slot, and so must mdfuse.
 */
@Tag("oracle")
class OldDiskOracleTest {
    private static final long MEMBER_BYTES = 8L << 20;

    /** disk3 replaces disk1; disk4 is an older copy of disk2. */
    private static final String HISTORY = """
            mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=3 --chunk=16 %s $1 $2 $3 <<<y >&2
            dd if=/dev/urandom of=/dev/md0 bs=1M count=6 conv=fsync status=none; sleep 0.5
            mdadm --stop /dev/md0 >&2
            dd if=$3 of=$5 bs=1M conv=fsync status=none
            mdadm --assemble /dev/md0 $1 $2 $3 >&2
            mdadm --fail /dev/md0 $2 >&2; sleep 0.4; mdadm --remove /dev/md0 $2 >&2
            dd if=/dev/urandom of=/dev/md0 bs=37K count=29 conv=fsync status=none; sleep 0.5
            mdadm --add /dev/md0 $4 >&2; mdadm --wait /dev/md0 >&2 || true; sleep 0.5
            dd if=/dev/urandom of=/dev/md0 bs=37K count=9 conv=fsync status=none; sleep 0.5
            mdadm --stop /dev/md0 >&2
            """;

    private static final String ALL_OF_THEM = """
            mdadm --assemble --readonly /dev/md0 "$@" >&2
            sha256sum </dev/md0 | cut -d' ' -f1
            mdadm --stop /dev/md0 >&2
            """;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--metadata=0.90", "--metadata=1.2", "--metadata=1.0"})
    void theNewestOfEachDeviceCounts(String metadata) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 5, MEMBER_BYTES, 0);
            Oracle.run(HISTORY.formatted(metadata), images.all());
            String right = Oracle.run(
                            ALL_OF_THEM, images.copyTo(scratch.path("copy")).all())
                    .output()
                    .strip();
            Map<String, String> before = images.digests();
            Images backwards = new Images(images.directory(), images.members().reversed(), null);
            for (Images given : List.of(images, backwards)) {
                try (MountedArray array = MountedArray.mount(given, scratch.path("mnt"), "--read-only")) {
                    assertEquals(right, Digests.sha256(array.volume()));
                    for (int unused : new int[] {1, 4}) {
                        assertNamed(array.startMessages(), images.members().get(unused));
                    }
                    array.unmount();
                }
            }
            assertEquals(before, images.digests());
            if (!metadata.contains("0.90")) {
                assertServedForWriting(images, scratch.path("mnt"));
            }
        }
    }

    /** The line says that the device is not used, and how old it is. */
    private static void assertNamed(String messages, Path unused) {
        List<String> lines = messages.lines()
                .filter(line -> line.contains(unused.toString()))
                .toList();
        assertEquals(1, lines.size(), messages);
        assertTrue(lines.getFirst().contains("events"), messages);
        assertTrue(lines.getFirst().contains("last written 20"), messages);
        assertTrue(lines.getFirst().contains("it is not used"), messages);
    }

    /** Devices that are not used are neither written nor listed under the number of the one that is in use. */
    private static void assertServedForWriting(Images images, Path mountPoint) throws IOException {
        Map<String, String> before = images.digests();
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            Command.run("dd", "if=/dev/urandom", "of=" + array.volume(), "bs=64K", "count=9", "conv=notrunc,fsync")
                    .orFail();
            String detail = Command.run(Project.mdfuse().toString(), "detail", mountPoint.toString())
                    .orFail()
                    .output();
            assertFalse(detail.contains(images.members().get(4).toString()), detail);
            assertTrue(detail.contains(images.members().get(2).toString()), detail);
            array.unmount();
        }
        Map<String, String> after = images.digests();
        for (String unused : List.of("disk1.img", "disk4.img")) {
            assertEquals(before.get(unused), after.get(unused), unused);
        }
        List<Path> members = new ArrayList<>(images.members());
        members.remove(4);
        members.remove(1);
        assertEquals(
                0, Oracle.judge(new Images(images.directory(), members, null)).mismatchCount());
    }

    @Test
    void aTrueCopyIsRefused() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 5, MEMBER_BYTES, 0);
            Oracle.run(HISTORY.formatted("--metadata=1.2"), images.all());
            Path copy = images.directory().resolve("copy.img");
            Files.copy(images.members().get(2), copy);
            List<Path> given = new ArrayList<>(images.members());
            given.add(copy);
            Files.createDirectories(scratch.path("mnt"));
            Command.Result refused = MountedArray.tryMount(given, scratch.path("mnt"));
            assertEquals(1, refused.exitStatus(), refused::toString);
            assertEquals(1, refused.errorLines().size(), refused::toString);
            assertTrue(refused.error().contains("copies of each other"), refused::toString);
            assertTrue(refused.error().contains("leave one out and mount again"), refused::toString);
        }
    }
}
