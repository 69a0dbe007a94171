package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrays without parity that the real driver made, through a real mount and an export. */
class CopyLevelsTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("xz", "xz-utils");
    }

    /** A column: the fixture, the member that is not given (-1: none), and an option. */
    @ParameterizedTest
    @CsvSource({
        "c0-zones-alternate, -1, --run",
        "c0-meta090-zones, -1, --raid0-layout=original",
        "c1-meta10-3, 0, --run",
        "c10-near2-3, 1, --run",
        "c10-far2-5, 3, --run",
        "c10-offset3-4, 2, --run",
        "c10-far2-sets-5, 0, --run",
        "clinear-rounded, -1, --run"
    })
    void readsWhatMdReads(String name, int missing, String option) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            if (missing >= 0) {
                Files.delete(images.members().get(missing));
                images = Images.in(images.directory());
            }
            Map<String, String> before = images.digests();
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only", option)) {
                assertEquals(fixture.recoveredSha256(), Digests.sha256(array.volume()));
                assertEquals("readonly", array.attribute("array_state"));
                array.unmount();
            }
            assertEquals(before, images.digests());
        }
    }

    /** What mdadm 4.2 and Linux 6.1 show of these arrays, assembled read-only. */
    @ParameterizedTest
    @CsvSource({
        "c0-zones-alternate, detail, ' State : readonly'",
        "clinear-rounded, detail, ' State : readonly'",
        "c1-meta10-3, detail, ' State : clean'",
        "c10-far2-sets-5, status, ' 2 far-copies 2 devices per set [5/5] [UUUUU]'"
    })
    void theStateIsInMdadmsWords(String name, String verb, String words) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named(name).unpack(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                Command.Result shown = Verb.run(verb, array.mountPoint()).orFail();
                assertTrue(shown.output().contains(words), shown::toString);
                array.unmount();
            }
        }
    }

    /** "Mount without --read-only" would be no advice: that mount is refused. */
    @Test
    void aVerbForMembersSaysThatTheLevelIsOnlyRead() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("c1-meta10-3").unpack(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                Path member = images.members().getFirst();
                for (String verb : List.of("fail", "add")) {
                    Command.Result refused = new MemberVerbs(array).run(verb, member);
                    assertEquals(1, refused.exitStatus(), refused::toString);
                    assertTrue(
                            refused.error()
                                    .contains("can't " + verb + ": a raid1 array is only read here, so its members"
                                            + " can't be changed; that takes md and mdadm"),
                            refused::toString);
                }
                array.unmount();
            }
        }
    }

    @Test
    void isExportedAndRefusedForWriting() throws IOException {
        Fixture fixture = Fixture.named("c10-far2-5");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path copy = scratch.path("copy.img");
            Command.Result export = Command.run(
                            Project.mdfuse().toString(),
                            "export",
                            "--output",
                            copy.toString(),
                            images.directory().toString())
                    .orFail();
            assertTrue(export.output().contains(fixture.recoveredSha256()), export::toString);
            assertEquals(fixture.recoveredSha256(), Digests.sha256(copy));
            Files.createDirectories(scratch.path("mnt"));
            Command.Result refused = MountedArray.tryMount(images.all(), scratch.path("mnt"));
            assertEquals(1, refused.exitStatus(), refused::toString);
            assertTrue(
                    refused.error().contains("level raid10 is served read-only: add --read-only"), refused::toString);
            Command.Result healing = MountedArray.tryMount(images.all(), scratch.path("mnt"), "--heal");
            assertEquals(1, healing.exitStatus(), healing::toString);
            assertTrue(healing.error().contains("level raid10 has no parity that holes could be"), healing::toString);
            assertEquals(before, images.digests());
        }
    }

    /** Without parity and with it, in one directory: the line names all by level, name, size and devices. */
    @Test
    void severalArraysInADirectoryAreListed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path all = scratch.path("all");
            Files.createDirectories(all);
            for (String name : List.of("c1-meta10-3", "c10-near2-3", "clinear-rounded")) {
                for (Path member :
                        Fixture.named(name).unpack(scratch.path(name)).members()) {
                    Files.move(member, all.resolve(name + "-" + member.getFileName()));
                }
            }
            Files.createDirectories(scratch.path("mnt"));
            Command.Result refused = MountedArray.tryMount(List.of(all), scratch.path("mnt"), "--read-only");
            assertEquals(1, refused.exitStatus(), refused::toString);
            for (String words : List.of(
                    "choose one with --name NAME",
                    ":c1-meta10-3: RAID-1 of 3, ",
                    ":c10-near2-3: RAID-10 of 3, ",
                    ":clinear-rounded: linear of 3, ",
                    "3 devices: clinear-rounded-disk0.img")) {
                assertTrue(refused.error().contains(words), () -> words + " in " + refused);
            }
        }
    }
}
