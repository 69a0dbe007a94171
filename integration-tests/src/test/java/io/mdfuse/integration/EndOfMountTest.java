package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every mount can be ended, in every state of its array; a message says what is lost, and the exit status shows it. */
@Timeout(300)
class EndOfMountTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Command.Result umount(Path mountPoint, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "umount"));
        command.addAll(List.of(options));
        command.add(mountPoint.toString());
        return Command.run(command);
    }

    /** Two of four members marked as failed. */
    private static void breakIt(MountedArray array, Images images) throws IOException {
        MemberVerbs verbs = new MemberVerbs(array);
        verbs.run("fail", images.members().get(0)).orFail();
        Command.Result refused = verbs.run("fail", images.members().get(1));
        assertEquals(1, refused.exitStatus());
        assertTrue(refused.error().contains("can't go on without it"), refused::toString);
        assertEquals(1, verbs.run("fail", "--force", images.members().get(1)).exitStatus());
        assertEquals("broken", array.attribute("array_state"));
    }

    private static void awaitNoServer(Path mountPoint) throws IOException {
        for (int i = 0; i < 1200 && !MountedArray.servers(mountPoint).isEmpty(); i++) {
            pause();
        }
        assertEquals(List.of(), MountedArray.servers(mountPoint));
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aBrokenArrayIsUnmountedAndLosesNothingThatWasAnswered() throws IOException {
        for (boolean journal : new boolean[] {false, true}) {
            try (ScratchDirectory scratch = ScratchDirectory.create()) {
                Images images = new TestArrayShape(5, 4, 64, "", "1.2", journal).create(scratch.path("images"));
                Path mountPoint = scratch.path("mnt");
                String sha256;
                try (MountedArray array = MountedArray.mount(
                        images, mountPoint, "--log", scratch.path("log").toString())) {
                    PatternWriter.fill(array.volume(), new WorkPattern(3));
                    sha256 = Digests.sha256(array.volume());
                    breakIt(array, images);
                    Command.Result ended = umount(mountPoint);
                    assertEquals(1, ended.exitStatus(), ended::toString);
                    assertTrue(
                            ended.error().contains("the array cannot lose another member: it was failed by command"),
                            ended::toString);
                    assertFalse(MountedArray.isMounted(mountPoint));
                    assertEquals(List.of(), MountedArray.servers(mountPoint));
                }
                String log = Files.readString(scratch.path("log"));
                assertFalse(log.contains("\tat "), log);
                Images left = new Images(images.directory(), images.members().subList(1, 4), images.journal());
                try (MountedArray again = MountedArray.mount(left, mountPoint)) {
                    assertEquals(sha256, Digests.sha256(again.volume()));
                    again.unmount();
                }
            }
        }
    }

    @Test
    void aSignalEndsABrokenArrayToo() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = scratch.path("mnt");
            try (MountedArray array = MountedArray.mount(images, mountPoint)) {
                breakIt(array, images);
                ProcessHandle server = array.server();
                assertTrue(server.destroy());
                for (int i = 0; i < 1200 && MountedArray.servers(mountPoint).contains(server); i++) {
                    pause();
                }
                assertFalse(MountedArray.servers(mountPoint).contains(server));
                assertFalse(MountedArray.isMounted(mountPoint));
            }
        }
    }

    /** A member is a file in another mount whose process is stopped, so that no call on that file returns. */
    @Test
    void aDeviceThatHangsIsLeftBehind() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images below = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("below"));
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = scratch.path("mnt");
            try (MountedArray host = MountedArray.mount(below, scratch.path("host"))) {
                Command.run("dd", "if=" + images.members().get(2), "of=" + host.volume(), "bs=1M", "conv=notrunc,fsync")
                        .orFail();
                List<Path> members =
                        List.of(images.members().get(0), images.members().get(1), host.volume());
                MountedArray array = MountedArray.mount(new Images(images.directory(), members, null), mountPoint);
                signal(host, "STOP");
                try {
                    Process writer = new ProcessBuilder(
                                    "dd",
                                    "if=/dev/urandom",
                                    "of=" + array.volume(),
                                    "bs=64k",
                                    "count=20",
                                    "conv=notrunc")
                            .redirectErrorStream(true)
                            .redirectOutput(scratch.path("dd.log").toFile())
                            .start();
                    Command.Result refused = umount(mountPoint, "--wait", "5");
                    assertEquals(1, refused.exitStatus(), refused::toString);
                    assertTrue(refused.error().contains("mdfuse umount --force " + mountPoint), refused::toString);
                    assertTrue(MountedArray.isMounted(mountPoint));
                    Command.Result forced = umount(mountPoint, "--force");
                    assertEquals(1, forced.exitStatus(), forced::toString);
                    assertTrue(forced.error().contains("was killed"), forced::toString);
                    assertFalse(MountedArray.isMounted(mountPoint));
                    writer.destroyForcibly();
                } finally {
                    signal(host, "CONT");
                }
                awaitNoServer(mountPoint);
                array.close();
            }
        }
    }

    private static void signal(MountedArray array, String name) throws IOException {
        Command.run("kill", "-" + name, Long.toString(array.server().pid())).orFail();
    }
}
