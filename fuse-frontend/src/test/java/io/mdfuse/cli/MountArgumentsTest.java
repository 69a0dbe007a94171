package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What mount makes of its arguments and options, by mdfuse as a process. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountArgumentsTest extends MountProcess {
    /** Every error is one line; and if the mount point is wrong, the devices are not touched. */
    @Test
    void refusalsAreOneLine() throws Exception {
        byte[] before = Files.readAllBytes(images.resolve("a"));
        Path missing = scratch.resolve("missing");
        mustRefuse(
                missing + " does not exist; make it first: mkdir " + missing,
                MdfuseProcess.run("mount", images, missing));
        mustRefuse(scratch + " holds no file with an md superblock", MdfuseProcess.run("mount", scratch, mountPoint));
        String stranger = UUID.replace('1', '9');
        MdfuseProcess.Outcome unknown = MdfuseProcess.run("mount", stranger, "--search", images, mountPoint);
        assertEquals(1, unknown.status());
        assertTrue(
                unknown.err()
                        .startsWith("mdfuse: " + images + " holds no device of the array " + stranger + "; it holds "),
                unknown.err());
        mustRefuse(
                "say where to look for the array " + UUID + ": --search DIRECTORY",
                MdfuseProcess.run("mount", UUID, mountPoint));
        mustRefuse(mountPoint + " is not mounted by mdfuse", MdfuseProcess.run("umount", mountPoint));
        mustRefuse(mountPoint + " is not mounted by mdfuse", MdfuseProcess.run("detail", mountPoint));
        assertEquals(2, MdfuseProcess.run("mount", mountPoint).status());
        assertEquals(
                2,
                MdfuseProcess.run("mount", "--threads", "0", images, mountPoint).status());
        for (String stripes : List.of("0", "16", "32769")) {
            MdfuseProcess.Outcome refused =
                    MdfuseProcess.run("mount", "--stripe-cache-size", stripes, images, mountPoint);
            assertEquals(2, refused.status());
            assertTrue(
                    refused.err().contains("--stripe-cache-size must be 17 to 32768, not " + stripes), refused.err());
        }
        assertArrayEquals(before, Files.readAllBytes(images.resolve("a")));
        assertEquals(
                new MdfuseProcess.Outcome(
                        2,
                        "",
                        "mdfuse: there is no option -o frobnicate; -o takes ro, rw and the options of"
                                + " FUSE (try: mdfuse mount --help)\n"),
                MdfuseProcess.run("mount", "-o", "frobnicate", images, mountPoint));
        assertEquals(List.of(), servers());
    }

    @Test
    void severalArraysInADirectoryNeedAName() throws Exception {
        Mdfuse.commandLine()
                .execute(
                        "create",
                        "-l",
                        "5",
                        "-n",
                        "3",
                        "--size",
                        "8M",
                        "--uuid",
                        UUID.replace('1', '2'),
                        "--name",
                        "other",
                        images.resolve("x").toString(),
                        images.resolve("y").toString(),
                        images.resolve("z").toString());
        MdfuseProcess.Outcome several = MdfuseProcess.run("mount", images, mountPoint);
        assertEquals(1, several.status());
        String line = several.err();
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains(" holds devices of several arrays; choose one with --name NAME: "), line);
        assertTrue(line.matches("(?s).*:vol: RAID-5 of 3, 12.0 MiB, UUID " + UUID + ", 4 devices: a b c j;.*"), line);
        assertTrue(line.matches("(?s).*:other: RAID-5 of 3, 12.0 MiB, UUID .*, 3 devices: x y z.*"), line);
        for (String name : List.of("vol", UUID)) {
            mustSucceed(MdfuseProcess.run("mount", "--read-only", images, "--name", name, mountPoint));
            assertTrue(Files.exists(file()));
            mustSucceed(MdfuseProcess.run("umount", mountPoint));
        }
        MdfuseProcess.Outcome none = MdfuseProcess.run("mount", images, "--name", "third", mountPoint);
        assertTrue(none.err().contains("no device of the array third; it holds "), none.err());
        mustSucceed(MdfuseProcess.run("mount", "--read-only", "vol", "--search", images, mountPoint));
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
        mustSucceed(MdfuseProcess.run("mount", "--read-only", UUID, mountPoint, "--search", images));
        assertFalse(Files.isWritable(file()) && run("sh", "-c", ": >> " + file()) == 0);
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
    }

    /** --force takes members back only as far as needed, and write-back needs all of them. */
    @Test
    void writeBackOfAnArrayThatStaysDegradedIsRefusedBeforeAnythingIsWritten() throws Exception {
        List<String> before = digests();
        MdfuseProcess.Outcome refused = MdfuseProcess.run(
                "mount",
                "--force",
                "--journal-mode",
                "write-back",
                images.resolve("a"),
                images.resolve("b"),
                images.resolve("j"),
                mountPoint);
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("write-back needs all members"), refused.err());
        assertEquals(before, digests());
        assertEquals(List.of(), servers());
    }

    /** As with mount(8), the last of ro and rw counts; and read-only means that not a byte changes. */
    @Test
    void everySpellingOfReadOnlyIsAccepted() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        write(61);
        ProcessHandle server = servers().getFirst();
        server.destroyForcibly();
        assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)));
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
        List<String> before = digests();
        String[][] spellings = {
            {"-o", "ro"}, {"--readonly"}, {"-o", "noatime,ro"}, {"-o", "rw", "-o", "ro,allow_other"}, {"-r", "-o", "ro"}
        };
        for (String[] words : spellings) {
            List<Object> all = new ArrayList<>(List.of("mount"));
            all.addAll(List.of(words));
            all.addAll(List.of(images, mountPoint));
            mustSucceed(MdfuseProcess.run(all.toArray()));
            assertEquals(61, read());
            assertFalse(run("sh", "-c", "echo >>" + file() + " 2>/dev/null") == 0);
            mustSucceed(MdfuseProcess.run("umount", mountPoint));
            assertEquals(before, digests(), String.join(" ", words));
        }
        MdfuseProcess.Outcome clash = MdfuseProcess.run("mount", "--read-only", "-o", "rw", images, mountPoint);
        assertEquals(2, clash.status());
        assertTrue(clash.err().contains("contradicts"), clash.err());
        assertEquals(before, digests());
        mustSucceed(MdfuseProcess.run("mount", "-o", "ro", "-o", "rw", images, mountPoint));
        write(62);
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
    }

    /** libfuse refuses such an option only when it mounts, after the array has been opened and written to. */
    @Test
    void anUnknownFuseOptionIsRefusedBeforeTheArrayIsOpened() throws Exception {
        List<String> before = digests();
        for (String word : List.of("rdonly", "readonly", "allow_othr", "foo=bar", "noatime,rdonly")) {
            MdfuseProcess.Outcome refused = MdfuseProcess.run("mount", "-o", word, images, mountPoint);
            assertEquals(2, refused.status(), refused.err());
            assertTrue(refused.err().contains("there is no option -o"), refused.err());
            assertEquals(before, digests(), word);
        }
        assertTrue(MdfuseProcess.run("mount", "-o", "rdonly", images, mountPoint)
                .err()
                .contains("did you mean -o ro?"));
        assertTrue(MdfuseProcess.run("mount", "-o", "allow_othr", images, mountPoint)
                .err()
                .contains("did you mean -o allow_other?"));
    }

    @Test
    void aForgottenMountPointIsReported() throws Exception {
        MdfuseProcess.Outcome forgotten = MdfuseProcess.run("mount", images.resolve("a"), images.resolve("b"));
        assertEquals(2, forgotten.status());
        assertTrue(forgotten.err().contains("the last argument must be the mount point"), forgotten.err());
        assertTrue(MdfuseProcess.run("mount", images.resolve("a")).err().contains("a mount point"));
    }
}
