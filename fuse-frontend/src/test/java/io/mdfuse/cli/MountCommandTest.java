package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.Fusermount;
import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** mount, detail and umount as processes: in the background and in the foreground, ended in every way. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountCommandTest extends MountProcess {
    /** run() reads both streams to their end, so this also shows that the server has neither of them open. */
    @Test
    void mountReturnsWhenTheFileIsUsableAndUmountWhenItsServerHasGone() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        List<ProcessHandle> servers = servers();
        assertEquals(1, servers.size());
        assertTrue(Files.size(file()) > 0);
        write(42);
        MdfuseProcess.Outcome detail = MdfuseProcess.run("detail", mountPoint);
        mustSucceed(detail);
        assertTrue(detail.out().contains("UUID : " + UUID), detail.out());
        assertTrue(MdfuseProcess.run("detail", "--json", file()).out().contains("\"uuid\" : \"" + UUID + "\""));
        mustRefuse(
                mountPoint + " is already mounted (mdfuse:vol); unmount it first: mdfuse umount " + mountPoint,
                MdfuseProcess.run("mount", images, mountPoint));
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
        assertEquals(List.of(), servers());
        mustSucceed(MdfuseProcess.run("mount", UUID, "--search", images, mountPoint));
        assertEquals(42, read());
        mustSucceed(MdfuseProcess.run("umount", file()));
    }

    @Test
    void umountNamesTheProcessThatUsesTheMount() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        Process user = new ProcessBuilder("sh", "-c", "exec 3<" + file() + "; echo; read line").start();
        try {
            assertEquals('\n', user.getInputStream().read());
            mustRefuse(
                    mountPoint + " is in use by sh (process " + user.pid()
                            + "); nothing was unmounted (--lazy, --force: see --help)",
                    MdfuseProcess.run("umount", mountPoint));
            assertEquals(0, read());
        } finally {
            user.destroyForcibly().waitFor();
        }
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
    }

    @Test
    void sigtermIsAnOrderlyEnd() throws Exception {
        Path log = scratch.resolve("log");
        mustSucceed(MdfuseProcess.run("mount", "--log", log, images, mountPoint));
        write(43);
        ProcessHandle server = servers().getFirst();
        Process user = new ProcessBuilder("sh", "-c", "exec 3<" + file() + "; echo; read line").start();
        try {
            assertEquals('\n', user.getInputStream().read());
            assertTrue(server.destroy());
            assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)));
            String said = Files.readString(log);
            assertTrue(said.contains("is still used by sh (process " + user.pid() + ")"), said);
        } finally {
            user.destroyForcibly().waitFor();
        }
        assertEquals(null, MountTable.at(mountPoint.toRealPath()));
        MdfuseProcess.Outcome again = MdfuseProcess.run("mount", images, mountPoint);
        assertEquals(new MdfuseProcess.Outcome(0, "", ""), again, "a clean array has nothing to say");
        assertEquals(43, read());
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
    }

    @Test
    void theForegroundEndsWithStatusZeroByUnmountAndBySignal() throws Exception {
        for (boolean bySignal : new boolean[] {false, true}) {
            Process server = new ProcessBuilder(MdfuseProcess.command("mount", "--foreground", images, mountPoint))
                    .inheritIO()
                    .start();
            while (!Files.exists(file())) {
                assertTrue(server.isAlive());
                Thread.sleep(20);
            }
            if (bySignal) {
                server.destroy();
            } else {
                // The server may still be checking its own file when the test sees it already.
                while (!isUnmounted()) {
                    assertTrue(server.isAlive());
                    Thread.sleep(20);
                }
            }
            assertEquals(0, server.waitFor());
            assertEquals(null, MountTable.at(mountPoint.toRealPath()));
        }
    }

    private boolean isUnmounted() {
        try {
            Fusermount.unmount(mountPoint);
            return true;
        } catch (MountException busy) {
            return false;
        }
    }

    @Test
    void aProcessThatReadsForAMomentDoesNotPreventAnUnmount() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        Thread looks = Thread.ofPlatform().start(() -> {
            while (Files.exists(file())) {
                try {
                    FileChannel open = FileChannel.open(file());
                    Thread.sleep(150);
                    open.close();
                    Thread.sleep(50);
                } catch (IOException | InterruptedException e) {
                    return;
                }
            }
        });
        try {
            mustSucceed(MdfuseProcess.run("umount", mountPoint));
        } finally {
            looks.interrupt();
            looks.join();
        }
    }

    @Test
    void aDeadMountIsClearedByTheNextMountAndByUmount() throws Exception {
        for (int round = 0; round < 2; round++) {
            mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
            write(50 + round);
            ProcessHandle server = servers().getFirst();
            server.destroyForcibly();
            assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)));
            if (round == 0) {
                for (String verb : List.of("detail", "check", "repair", "wait")) {
                    mustRefuse(dead(mountPoint), MdfuseProcess.run(verb, mountPoint));
                    mustRefuse(dead(mountPoint), MdfuseProcess.run(verb, mountPoint.resolve("volume")));
                }
                for (String verb : List.of("fail", "remove", "add", "re-add", "replace")) {
                    mustRefuse(dead(mountPoint), MdfuseProcess.run(verb, mountPoint, images.resolve("a")));
                }
                MdfuseProcess.Outcome cleared = MdfuseProcess.run("umount", mountPoint);
                mustSucceed(cleared);
                assertTrue(cleared.err().contains("was dead"), cleared.err());
            }
        }
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        assertEquals(51, read());
        mustSucceed(MdfuseProcess.run("umount", mountPoint));
    }

    private static String dead(Path mountPoint) {
        return mountPoint + " is a dead mount: the process that served it was killed or ended by a fault. Take it away"
                + " with: mdfuse umount " + mountPoint + ", and mount the array again, which recovers it";
    }

    /** A new mount namespace has a copy of each mount, which would keep a FUSE session alive. */
    @Test
    void aCopyOfTheMountInAnotherNamespaceDoesNotKeepTheArrayOpen() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        // unshare's own --propagation fails in a chroot, whose root is no mount point.
        Process other = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "--propagation",
                        "unchanged",
                        "sh",
                        "-c",
                        "mount --make-rprivate / 2>/dev/null; exec sleep 120")
                .start();
        try {
            awaitNamespace(other);
            mustSucceed(MdfuseProcess.run("umount", "--wait", "60", mountPoint));
            assertEquals(List.of(), servers());
            mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
            mustSucceed(MdfuseProcess.run("umount", "--wait", "60", mountPoint));
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void aCopyOfTheMountThatIsInUseIsNamed() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        String reading = "exec sleep 120 <\"$(find \"$1\" -type f)\"";
        Process other = new ProcessBuilder(
                        "unshare", "-m", "--propagation", "private", "sh", "-c", reading, "sh", mountPoint.toString())
                .start();
        try {
            awaitNamespace(other);
            MdfuseProcess.Outcome ended = MdfuseProcess.run("umount", "--wait", "8", mountPoint);
            assertEquals(1, ended.status(), ended.err());
            assertTrue(ended.err().contains("mount namespace of sleep (process " + other.pid() + ")"), ended.err());
            assertFalse(ended.err().contains("kill -9"), ended.err());
            ProcessHandle server = servers().getFirst();
            assertTrue(server.destroy());
            assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)), "SIGTERM does not end it");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    private static void awaitNamespace(Process process) throws Exception {
        Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
        Path comm = Path.of("/proc", Long.toString(process.pid()), "comm");
        Path theirs = Path.of("/proc", Long.toString(process.pid()), "ns", "mnt");
        while (Files.readSymbolicLink(theirs).equals(ours)
                || !Files.readString(comm).startsWith("sleep")) {
            assertTrue(process.isAlive(), "unshare needs root");
            Thread.sleep(10);
        }
    }
}
