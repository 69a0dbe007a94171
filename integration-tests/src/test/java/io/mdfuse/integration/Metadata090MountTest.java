package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays of metadata 0.90 that the real driver made: mdfuse reads the same as md, and never writes. */
class Metadata090MountTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("xz", "xz-utils");
    }

    private static void assertReadAlike(Fixture fixture, Images images, Path mountPoint, String... options)
            throws IOException {
        Map<String, String> before = images.digests();
        try (MountedArray array = MountedArray.mount(images, mountPoint, options)) {
            assertEquals(fixture.recoveredSha256(), Digests.sha256(array.volume()));
            assertFalse(isWritten(array.volume()), "it was written");
            array.unmount();
        }
        assertEquals(before, images.digests());
    }

    private static boolean isWritten(Path volume) {
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "rw")) {
            file.write(1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a mount that must fail, on an existing mount point. */
    private static Command.Result refused(List<Path> devices, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        Command.Result result = MountedArray.tryMount(devices, mountPoint, options);
        assertEquals(1, result.exitStatus(), result::toString);
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"r5-meta090-clean", "r5-meta090-power", "r5-meta090-bitmap-power", "r6-meta090-degraded"})
    void readsWhatMdReads(String name) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            assertReadAlike(fixture, fixture.unpack(scratch.path("images")), scratch.path("mnt"), "--read-only");
        }
    }

    /** What mdadm 4.2 and Linux 6.1 show of metadata 0.90 in another way than of 1.x, or leave out. */
    @Test
    void isShownAsMdadmShowsIt() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-meta090-clean").unpack(scratch.path("images"));
            String exported = Verb.run("examine", "--export", images.members().getFirst())
                    .orFail()
                    .output();
            assertTrue(exported.contains("MD_EVENTS=3"), exported);
            assertFalse(exported.contains("MD_DEV_UUID") || exported.contains("MD_ARRAY_SIZE"), exported);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                String detail = Verb.run("detail", array.mountPoint()).orFail().output();
                assertTrue(detail.contains(" Events : 0.3\n"), detail);
                String status = Verb.run("status", array.mountPoint()).orFail().output();
                assertTrue(status.contains(" 5952 blocks level 5, 64k chunk, algorithm 2 [4/4] [UUUU]\n"), status);
                array.unmount();
            }
        }
    }

    /** The superblocks of a NAS with a big-endian processor; "left" is the member that is not given, or "". */
    @ParameterizedTest
    @CsvSource({
        "r5-meta090-clean, -1",
        "r5-meta090-clean, 2",
        "r5-meta090-power, -1",
        "r5-meta090-bitmap-power, -1",
        "r6-meta090-degraded, 0"
    })
    void readsABigEndianArray(String name, int left) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            for (Path member : images.members()) {
                ForeignByteOrder.swap(member);
            }
            List<Path> members = new ArrayList<>(images.members());
            if (left >= 0) {
                members.remove(left);
            }
            Images given = new Images(images.directory(), members, null);
            assertReadAlike(fixture, given, scratch.path("mnt"), "--read-only", "--run");
            Command.Result written = refused(given.all(), scratch.path("mnt"), "--run");
            assertTrue(written.error().contains("--read-only"), written::toString);
        }
    }

    @Test
    void membersOfBothByteOrdersAreRefused() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-meta090-clean").unpack(scratch.path("images"));
            ForeignByteOrder.swap(images.members().get(1));
            Command.Result result = refused(images.all(), scratch.path("mnt"), "--read-only", "--run", "--force");
            assertTrue(result.error().contains("big-endian"), result::toString);
            assertTrue(result.error().contains(images.members().get(1).toString()), result::toString);
            assertEquals(1, result.errorLines().size(), result::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"r5-meta090-clean, 0", "r5-meta090-clean, 3", "r6-meta090-degraded, 2"})
    void readsTheSameWithoutAMember(String name, int left) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            List<Path> members = new ArrayList<>(images.members());
            members.remove(left);
            Images without = new Images(images.directory(), members, null);
            assertReadAlike(fixture, without, scratch.path("mnt"), "--read-only", "--run");
        }
    }

    /** The array is found in its directory, by its UUID as mdadm writes it, and its attributes describe it. */
    @Test
    void isFoundByItsUuid() throws IOException {
        Fixture fixture = Fixture.named("r5-meta090-clean");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            String mdfuse = Project.mdfuse().toString();
            String json = Command.run(
                            mdfuse, "examine", "--json", images.members().get(2).toString())
                    .orFail()
                    .output();
            for (String field : List.of(
                    "\"metadata\" : \"0.90\"",
                    "\"level\" : \"raid5\"",
                    "\"layout\" : \"left-symmetric\"",
                    "\"raid_devices\" : 4",
                    "\"chunk_bytes\" : 65536",
                    "\"used_sectors\" : 3968",
                    "\"super_offset_sectors\" : 3968",
                    "\"state\" : \"clean\"",
                    "\"slot\" : 2",
                    "\"array_state\" : \"AAAA\"")) {
                assertTrue(json.contains(field), () -> field + " in " + json);
            }
            Matcher uuid =
                    Pattern.compile("\"array_uuid\" : \"([0-9a-f:]{35})\"").matcher(json);
            assertTrue(uuid.find(), json);
            Path mountPoint = Files.createDirectories(scratch.path("mnt"));
            Command.run(
                            mdfuse,
                            "mount",
                            "--read-only",
                            uuid.group(1),
                            "--search",
                            images.directory().toString(),
                            mountPoint.toString())
                    .orFail();
            String detail = Command.run(mdfuse, "detail", mountPoint.toString()).output();
            Command.run(mdfuse, "umount", mountPoint.toString()).orFail();
            assertTrue(detail.contains("Version : 0.90"), detail);
            assertTrue(detail.contains("Access : read-only"), detail);
        }
    }

    @Test
    void withoutReadOnlyOneLineSaysSoAndNothingIsWritten() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-meta090-clean").unpack(scratch.path("images"));
            Map<String, String> before = images.digests();
            for (String option : List.of("--run", "--force", "--direct")) {
                Command.Result result = refused(images.all(), scratch.path("mnt"), option);
                assertTrue(result.error().contains("--read-only"), result::toString);
                assertEquals(1, result.errorLines().size(), result::toString);
            }
            assertEquals(before, images.digests());
        }
    }

    @Test
    void dirtyAndIncompleteIsRefusedUnlessForced() throws IOException {
        Fixture fixture = Fixture.named("r5-meta090-power");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            Images without = new Images(images.directory(), images.members().subList(1, 3), null);
            Command.Result result = refused(without.all(), scratch.path("mnt"), "--read-only", "--run");
            assertTrue(result.error().contains("not stopped cleanly"), result::toString);
            assertReadAlike(fixture, without, scratch.path("mnt"), "--read-only", "--run", "--force");
        }
    }

    /** A whole disk whose last partition is the member: both have the superblock at the same sector. */
    @Test
    void aDiskIsNotTakenForItsPartition() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-meta090-clean").unpack(scratch.path("images"));
            List<Path> disks = new ArrayList<>();
            for (Path member : images.members()) {
                Path disk = scratch.path("whole-" + member.getFileName());
                Images.sparse(disk, 3 << 20);
                String script = "dd if=%s of=%s bs=1M seek=1 conv=notrunc status=none".formatted(member, disk)
                        + " && printf '\\375\\0\\0\\0\\0\\10\\0\\0\\0\\20\\0\\0'"
                        + " | dd of=%s bs=1 seek=450 conv=notrunc status=none".formatted(disk)
                        + " && printf '\\125\\252' | dd of=%s bs=1 seek=510 conv=notrunc status=none".formatted(disk);
                Command.run("sh", "-c", script).orFail();
                disks.add(disk);
            }
            Command.Result result = refused(disks, scratch.path("mnt"), "--read-only");
            assertTrue(result.error().contains("begins at its sector 2048"), result::toString);
        }
    }
}
