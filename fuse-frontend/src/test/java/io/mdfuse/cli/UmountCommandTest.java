package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.MountTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** umount with an alert command that hangs, and right after the serving process was killed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UmountCommandTest extends MountProcess {
    /** The events that are left are logged, the command and its children end, and no device is blamed. */
    @Test
    void anAlertCommandThatHangsIsNamedAndEnded() throws Exception {
        Path pids = scratch.resolve("pids");
        Path hang = scratch.resolve("hang.sh");
        Files.writeString(
                hang,
                "#!/bin/sh\necho \"$1\" >> " + scratch.resolve("calls") + "\nsleep 300 &\necho $$ $! >> " + pids
                        + "\nwait\n");
        assertTrue(hang.toFile().setExecutable(true));
        Path log = scratch.resolve("log");
        mustSucceed(MdfuseProcess.run("mount", "--log", log, "--alert", hang, images, mountPoint));
        mustSucceed(MdfuseProcess.run("fail", mountPoint, images.resolve("a")));
        MdfuseProcess.Outcome umount = MdfuseProcess.run("umount", mountPoint);
        assertEquals(0, umount.status(), umount::toString);
        assertFalse(umount.err().contains("waits for a device"), umount::toString);
        assertTrue(
                umount.err().contains("is unmounted and the array is closed; process ")
                        && umount.err().contains(" waits for its alert command"),
                umount::toString);
        assertEquals(List.of(), servers());
        for (String pid : Files.readString(pids).strip().split("\\s+", -1)) {
            assertTrue(ServerProcess.awaitEnd(Long.parseLong(pid), Duration.ofSeconds(5)), pid);
        }
        assertEquals(List.of("NewArray"), Files.readAllLines(scratch.resolve("calls")));
        String lines = Files.readString(log);
        assertTrue(lines.contains("for NewArray was still running at the end, and was killed"), lines);
        assertTrue(lines.contains("not delivered to the alert command: Fail " + images.resolve("a")), lines);
        assertTrue(lines.contains("not delivered to the alert command: DeviceDisappeared"), lines);
    }

    /** After --lazy there is no mount any more that umount could end: who uses the file is said before. */
    @Test
    void aLazyUmountNamesTheLastUsersAndTheirArrayIsEndedByItsProcess() throws Exception {
        mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
        long server = servers().getFirst().pid();
        Process user = new ProcessBuilder("sleep", "600")
                .redirectInput(file().toFile())
                .start();
        try {
            CommandRun lazy = CommandRun.of("umount", "--lazy", mountPoint.toString());
            assertEquals(0, lazy.status(), lazy::toString);
            String named = "sleep (process " + user.pid() + ")";
            assertTrue(lazy.err().contains("when its last user has gone: " + named), lazy::toString);
            CommandRun again = CommandRun.of("mount", "--foreground", images.toString(), mountPoint.toString());
            assertEquals(1, again.status(), again::toString);
            assertFalse(again.err().contains("mdfuse umount"), again::toString);
            assertTrue(again.err().contains("; end it now with: kill " + server + "\n"), again::toString);
        } finally {
            user.destroyForcibly().waitFor();
        }
        assertTrue(ServerProcess.awaitEnd(server, Duration.ofMinutes(1)));
    }

    /** For a second after the kill the kernel answers questions about the mount from its cache. */
    @Test
    void aMountWhoseProcessWasJustKilledIsCleared() throws Exception {
        Path real = mountPoint.toRealPath();
        for (boolean byFile : new boolean[] {false, true}) {
            mustSucceed(MdfuseProcess.run("mount", images, mountPoint));
            ProcessHandle server = servers().getFirst();
            Files.size(file());
            Files.getLastModifiedTime(mountPoint);
            server.destroyForcibly();
            assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)));
            CommandRun umount = CommandRun.of("umount", (byFile ? file() : mountPoint).toString());
            assertEquals(0, umount.status(), umount::toString);
            assertTrue(umount.err().contains(mountPoint + " was dead"), umount::toString);
            assertNull(MountTable.at(real));
        }
    }
}
