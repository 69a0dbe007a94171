package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events of a mounted array reach its user: by the log, the alert command and the attributes. */
class EventsTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Path alertScript(ScratchDirectory scratch) throws IOException {
        Path script = scratch.path("alert");
        Files.writeString(script, "#!/bin/sh\necho \"$@\" >>" + scratch.path("told") + "\n");
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    private static List<String> names(List<String> lines) {
        return lines.stream().map(line -> line.substring(0, line.indexOf(' '))).toList();
    }

    @Test
    void aFailedMemberAndItsSpareAreReported() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            Path spare = images.directory().resolve("spare.img");
            Images.sparse(spare, TestArrayShape.MEMBER_BYTES);
            Path first = images.members().getFirst();
            String volume;
            try (MountedArray array = MountedArray.mount(
                    images,
                    scratch.path("mnt"),
                    "--log",
                    scratch.path("log").toString(),
                    "--alert",
                    alertScript(scratch).toString())) {
                volume = array.volume().toString();
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.run("add", spare).orFail();
                verbs.run("fail", first).orFail();
                Command.Result waited = verbs.run("wait");
                assertEquals(0, waited.exitStatus(), waited::toString);
                assertEquals("0", array.attribute("degraded"));
                array.unmount();
            }
            List<String> told = Files.readAllLines(scratch.path("told"));
            List<String> names = names(told).stream()
                    .filter(name -> !name.matches("Rebuild[0-9]+"))
                    .toList();
            assertEquals(
                    List.of(
                            "NewArray",
                            "Fail",
                            "RebuildStarted",
                            "RebuildFinished",
                            "SpareActive",
                            "DeviceDisappeared"),
                    names);
            assertTrue(told.contains("Fail " + volume + " " + first), told::toString);
            assertTrue(told.contains("SpareActive " + volume + " " + spare), told::toString);
            assertTrue(told.contains("NewArray " + volume), told::toString);
            String log = Files.readString(scratch.path("log"));
            assertTrue(
                    log.contains("Fail: " + first + " (slot 0) is left out from now on: it was failed by command"),
                    log);
        }
    }

    @Test
    void aReplacedMemberIsNoErrorInTheLog() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(6, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path fresh = images.directory().resolve("fresh.img");
            Images.sparse(fresh, TestArrayShape.MEMBER_BYTES);
            try (MountedArray array = MountedArray.mount(
                    images, scratch.path("mnt"), "--log", scratch.path("log").toString())) {
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.run("replace", images.members().get(1), "--with", fresh).orFail();
                verbs.run("wait").orFail();
                assertEquals("in_sync " + fresh, array.attribute("rd1"));
                array.unmount();
            }
            String log = Files.readString(scratch.path("log"));
            assertFalse(log.contains("ERROR"), log);
        }
    }

    @Test
    void aMistakeOfTheUserIsOneLine() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(
                    images, scratch.path("mnt"), "--log", scratch.path("log").toString())) {
                MemberVerbs verbs = new MemberVerbs(array);
                for (Command.Result wrong : List.of(
                        verbs.run("add", scratch.path("nothing")),
                        verbs.run("add", images.members().getFirst()),
                        verbs.run("fail", scratch.path("nothing")),
                        verbs.run("remove", images.members().getFirst()),
                        verbs.run("replace", images.members().getFirst()))) {
                    assertEquals(1, wrong.exitStatus(), wrong::toString);
                    assertEquals(1, wrong.errorLines().size(), wrong::toString);
                    assertTrue(wrong.error().startsWith("mdfuse: /"), wrong::toString);
                }
                String refusal = refusal(array, "journal_mode", "write-back");
                assertEquals("journal_mode=write-back\nthe array has no journal, so it has no journal_mode", refusal);
                array.unmount();
            }
            String log = Files.readString(scratch.path("log"));
            assertFalse(log.contains("\tat "), log);
        }
    }

    private static String refusal(MountedArray array, String name, String value) throws IOException {
        try {
            array.setAttribute(name, value);
        } catch (IOException e) {
            java.nio.ByteBuffer text = java.nio.ByteBuffer.allocate(4096);
            Files.getFileAttributeView(array.volume(), java.nio.file.attribute.UserDefinedFileAttributeView.class)
                    .read("mdfuse.refusal", text);
            return java.nio.charset.StandardCharsets.UTF_8.decode(text.flip()).toString();
        }
        throw new AssertionError(name + " = " + value + " was taken");
    }

    @Test
    void anAlertCommandThatCanNotRunIsRefusedBeforeAnythingIsMounted() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = Files.createDirectories(scratch.path("mnt"));
            Files.writeString(scratch.path("text"), "no program");
            String before = digests(images);
            for (String command : List.of(scratch.path("text").toString(), scratch.path("none") + " --now")) {
                Command.Result refused = MountedArray.tryMount(images.all(), mountPoint, "--alert", command);
                assertEquals(1, refused.exitStatus(), refused::toString);
                assertTrue(refused.error().startsWith("mdfuse: --alert "), refused::toString);
            }
            assertEquals(before, digests(images));
        }
    }

    /** Opening the array would rebuild its spare: the refusal must come before. */
    @Test
    void aJournalModeThatTheArrayCanNotHaveChangesNothing() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = Files.createDirectories(scratch.path("mnt"));
            String before = digests(images);
            Command.Result refused = MountedArray.tryMount(images.all(), mountPoint, "--journal-mode", "write-back");
            assertEquals(1, refused.exitStatus(), refused::toString);
            assertEquals(
                    "mdfuse: the array has no journal, so it has no --journal-mode: leave that out",
                    refused.error().strip());
            assertEquals(before, digests(images));
        }
    }

    /** A check of a read-only mount finds mismatches, and not a byte of any image changes. */
    @Test
    void aReadOnlyMountIsChecked() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(4));
                array.unmount();
            }
            Images.flip(images.members().get(1), 6 << 20);
            Images.flip(images.members().get(2), 8 << 20);
            String before = digests(images);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                MemberVerbs verbs = new MemberVerbs(array);
                Command.Result found = verbs.run("check");
                assertEquals(1, found.exitStatus(), found::toString);
                assertTrue(found.output().contains("mismatch_cnt: 16 sectors"), found::toString);
                assertEquals(
                        2,
                        found.output()
                                .lines()
                                .filter(line -> line.contains("and data disagree"))
                                .count(),
                        found::toString);
                Command.Result refused = verbs.run("repair");
                assertEquals(1, refused.exitStatus());
                assertEquals(
                        "mdfuse: can't repair: the array is mounted read-only; mdfuse check lists"
                                + " what does not fit, and"
                                + " writes nothing",
                        refused.error().strip());
                Command.Result add = verbs.run("add", images.members().getFirst());
                assertEquals(1, add.exitStatus());
                assertTrue(add.error().startsWith("mdfuse: can't add: the array is mounted read-only"), add::toString);
                array.unmount();
            }
            assertEquals(before, digests(images));
        }
    }

    private static String digests(Images images) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(images.directory())) {
            for (Path file : files.sorted().toList()) {
                all.append(file).append(' ').append(Digests.sha256(file)).append('\n');
            }
        }
        return all.toString();
    }
}
