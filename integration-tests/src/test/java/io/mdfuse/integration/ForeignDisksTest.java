package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users may give instead of members: images of whole disks, images that are longer than their disk, disks of other
 * RAIDs. One line names the kind and says what to do, and nothing is written.
 */
class ForeignDisksTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("xz", "xz-utils");
    }

    private static Command.Result refused(List<Path> devices, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        Command.Result result = MountedArray.tryMount(devices, mountPoint, options);
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        return result;
    }

    private static void lengthen(Path image, long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(file.length() + bytes);
        }
    }

    private static Command.Result examine(Path image, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of(Project.mdfuse().toString(), "examine"));
        words.addAll(List.of(options));
        words.add(image.toString());
        return Command.run(words);
    }

    @ParameterizedTest
    @CsvSource({
        "r5-meta10-bitmap-clean, 1048576", "r5-meta10-bitmap-clean, 12800",
        "r5-meta090-clean, 131072", "r5-meta090-clean, 3000000"
    })
    void imagesThatAreTooLongAreReadAndNotWritten(String name, long excessBytes) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            long diskBytes = Files.size(images.members().getFirst());
            for (Path member : images.members()) {
                lengthen(member, excessBytes);
            }
            Map<String, String> before = images.digests();
            for (List<Path> named : List.of(images.members(), List.of(images.directory()))) {
                Command.Result written = refused(named, scratch.path("mnt"));
                assertTrue(written.error().contains("truncate --size=" + diskBytes + " "), written::toString);
                assertTrue(written.error().contains(excessBytes + " bytes longer"), written::toString);
                assertEquals(fixture.recoveredSha256(), digestOfVolume(named, scratch.path("mnt")));
            }
            Command.Result shown = examine(images.members().getFirst());
            assertEquals(0, shown.exitStatus(), shown::toString);
            assertTrue(
                    shown.error().contains("is " + excessBytes + " bytes longer than the disk was"), shown::toString);
            assertTrue(shown.output().contains("Raid Level : raid5"), shown::toString);
            assertEquals(before, images.digests());
        }
    }

    /**
     * Disks partitioned by sfdisk, with a member in partition 5 of each; the arguments are lines of sfdisk's script.
     * The members are found if the directory or the disks are given, and if the partitions are.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "label: gpt;1: start=2048, size=4096;5: start=8192, size=%d, type=A19D880F-05FC-4D3B-A006-743F0F84911E",
                "label: dos;1: start=2048, size=4096, type=83;2: start=7168, size=100000, type=5;5:"
                        + " start=8192, size=%d, type=fd",
                "the second copy of label: gpt;1: start=2048, size=4096;5: start=8192, size=%d"
            })
    void membersAreFoundInWholeDisks(String script) throws IOException {
        Needs.program("sfdisk", "fdisk");
        Fixture fixture = Fixture.named("r5-la-clean");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            Path directory = Files.createDirectories(scratch.path("disks"));
            for (Path member : images.members()) {
                partitionedDisk(member, directory.resolve(String.valueOf(member.getFileName())), script);
            }
            Images disks = Images.in(directory);
            Map<String, String> before = disks.digests();
            List<Path> partitions =
                    disks.members().stream().map(disk -> Path.of(disk + "@5")).toList();
            for (List<Path> named : List.of(List.of(directory), disks.members(), partitions)) {
                assertEquals(fixture.recoveredSha256(), digestOfVolume(named, scratch.path("mnt")));
            }
            Path copy = scratch.path("copy.img");
            Command.Result exported =
                    Command.run(Project.mdfuse().toString(), "export", "-o", copy.toString(), directory.toString());
            assertEquals(0, exported.exitStatus(), exported::toString);
            assertEquals(fixture.recoveredSha256(), Digests.sha256(copy));
            assertTrue(exported.output().startsWith(fixture.recoveredSha256() + "  "), exported::toString);
            Command.Result shown = examine(disks.members().get(1));
            assertEquals(0, shown.exitStatus(), shown::toString);
            assertTrue(
                    shown.output()
                            .matches("(?s).*Partition\\[5\\] : .* sectors at +8192 .*slot 1 of .*clean at event.*"),
                    shown::toString);
            Command.Result json = examine(disks.members().get(1), "--json");
            assertTrue(json.output().contains("\"number\" : 5"), json::toString);
            assertTrue(json.output().contains("\"member\" : true"), json::toString);
            Command.Result listed = examine(directory);
            assertTrue(listed.output().contains("disk0.img@5 disk1.img@5"), listed::toString);
            assertTrue(examine(partitions.getFirst()).output().contains("Raid Level : raid5"));
            assertEquals(before, disks.digests());
        }
    }

    private static void partitionedDisk(Path member, Path disk, String script) throws IOException {
        Images.sparse(disk, 80 << 20);
        boolean copyOnly = script.startsWith("the second copy of ");
        String words = script.replace("the second copy of ", "").formatted(Files.size(member) / 512);
        Command.run("sh", "-c", "printf '" + words.replace(";", "\\n") + "\\n' | sfdisk -q " + disk)
                .orFail();
        copy(member, disk, 8192);
        if (copyOnly) {
            Command.run("dd", "if=/dev/zero", "of=" + disk, "bs=512", "count=34", "conv=notrunc")
                    .orFail();
        }
    }

    private static String digestOfVolume(List<Path> named, Path mountPoint) throws IOException {
        Command.Result mount = MountedArray.tryMount(named, Files.createDirectories(mountPoint), "--read-only");
        assertEquals(0, mount.exitStatus(), mount::toString);
        try (Stream<Path> files = Files.list(mountPoint)) {
            return Digests.sha256(files.findFirst().orElseThrow());
        } finally {
            Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                    .orFail();
        }
    }

    private static void copy(Path from, Path to, long sector) throws IOException {
        Command.run("dd", "if=" + from, "of=" + to, "bs=512", "seek=" + sector, "conv=notrunc,sparse")
                .orFail();
    }

    /** A GPT that some program wrote over a member on a whole disk; the other members are enough. */
    @Test
    void aTableThatWasWrittenOverAMember() throws IOException {
        Needs.program("sfdisk", "fdisk");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-wt-clean").unpack(scratch.path("images"));
            Path member = images.members().get(2);
            Command.run("sh", "-c", "dd if=/dev/zero of=%s bs=1k count=16 conv=notrunc status=none".formatted(member))
                    .orFail();
            Command.run("sh", "-c", "echo 'label: gpt' | sfdisk -q -w always -W always " + member)
                    .orFail();
            Command.Result result = refused(List.of(member), scratch.path("mnt"));
            assertTrue(result.error().contains("a GPT that names no partition"), result::toString);
            assertTrue(result.error().contains("--run"), result::toString);
            assertEquals(1, examine(member).exitStatus());
        }
    }

    /** Disks that mdadm made, of the two formats that it serves besides its own. */
    @Test
    void otherRaidsAreNamed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path archive = Project.root().resolve("integration-tests/src/test/resources/other-raid.tar.xz");
            Command.run("tar", "-C", scratch.directory().toString(), "-xJf", archive.toString())
                    .orFail();
            for (String name : List.of("imsm.img", "ddf.img")) {
                String kind = name.equals("ddf.img") ? "DDF RAID metadata" : "Intel (IMSM";
                Path image = scratch.path(name);
                Command.Result mount = refused(List.of(image), scratch.path("mnt"), "--read-only");
                assertTrue(mount.error().contains(kind) && mount.error().contains("mdadm"), mount::toString);
                Command.Result shown = examine(image);
                assertEquals(1, shown.exitStatus(), shown::toString);
                assertEquals(1, shown.errorLines().size(), shown::toString);
                assertTrue(shown.error().contains(kind), shown::toString);
                Path alone = Files.createDirectories(scratch.path("alone-" + name));
                Files.move(image, alone.resolve(name));
                Command.Result searched = refused(List.of(alone), scratch.path("mnt"));
                assertTrue(searched.error().contains(kind), searched::toString);
            }
        }
    }

    @Test
    void anUnreadableDeviceSaysWhoMayReadIt() throws IOException {
        Needs.program("setpriv", "util-linux");
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path secret = scratch.path("secret.img");
            Images.sparse(secret, 1 << 20);
            Command.run("chmod", "755", scratch.directory().toString()).orFail();
            Command.run("chown", "root:disk", secret.toString()).orFail();
            Command.run("chmod", "640", secret.toString()).orFail();
            // The project may be in a directory that no other user may enter, such as root's home.
            Path program = scratch.path("mdfuse");
            Command.run("cp", "-r", Project.root().resolve("dist/mdfuse").toString(), program.toString())
                    .orFail();
            Command.Result result = Command.run(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    program.resolve("bin/mdfuse").toString(),
                    "examine",
                    secret.toString());
            assertEquals(1, result.exitStatus(), result::toString);
            assertEquals(1, result.errorLines().size(), result::toString);
            assertTrue(result.error().contains("belongs to root and group disk"), result::toString);
            assertTrue(result.error().contains("usermod -aG disk"), result::toString);
        }
    }
}
