package io.mdfuse.fuse;

import static io.mdfuse.fuse.ScratchMount.must;
import static io.mdfuse.fuse.ScratchMount.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a mount begins and how it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountSessionTest {
    @TempDir
    Path scratch;

    Frontend frontend() {
        return Frontend.JNR_FUSE;
    }

    private final MemoryVolume volume = new MemoryVolume("vol", 1 << 20);

    /** The words of the library about an option that it does not know. */
    String unknownOption(String option) {
        return "fuse: unknown option `" + option + "'";
    }

    private MountException refusal(Path mountPoint, String... options) {
        return assertThrows(
                MountException.class,
                () -> MountSession.mount(volume, mountPoint, ScratchMount.options(frontend(), options)));
    }

    @Test
    void whatIsNoEmptyDirectoryIsRefusedInOneLine() throws Exception {
        Path missing = scratch.resolve("missing");
        assertEquals(
                missing + " does not exist; make it first: mkdir " + missing,
                refusal(missing).getMessage());
        Path file = Files.createFile(scratch.resolve("file"));
        assertEquals(file + " is not a directory", refusal(file).getMessage());
        assertEquals(
                scratch + " is not empty; choose an empty directory, or add -o nonempty",
                refusal(scratch).getMessage());
        assertNull(MountTable.at(scratch.toRealPath()));
    }

    @Test
    void optionsThatFuseDoesNotKnowLeaveNothingMounted() throws Exception {
        Path directory = Files.createDirectory(scratch.resolve("mnt"));
        assertEquals(
                "cannot mount on " + directory + ": " + unknownOption("frobnicate"),
                refusal(directory, "frobnicate").getMessage());
        assertNull(MountTable.at(directory.toRealPath()));
    }

    @Test
    void aMountPointInUseIsRefused() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            Path directory = mount.directory();
            assertEquals(
                    directory + " is already mounted (mdfuse:vol); unmount it first: mdfuse umount " + directory,
                    refusal(directory).getMessage());
            assertEquals("vol\n", must("ls", directory));
        }
    }

    @Test
    void fusermountEndsTheSession() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            Fusermount.unmount(mount.directory());
            mount.session().awaitEnd();
            assertEquals("", must("ls", mount.directory()));
        }
    }

    @Test
    void stoppingWithoutUsersEndsAtOnce() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            long startNanos = System.nanoTime();
            mount.session().stop(Duration.ofSeconds(60));
            assertTrue(Duration.ofNanos(System.nanoTime() - startNanos).toSeconds() < 30);
            mount.session().stop(Duration.ZERO);
        }
    }

    /** The user closes the file within the grace time: all requests until then are served. */
    @Test
    void aFileThatIsClosedInTimeIsServedToTheEnd() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            Process user = new ProcessBuilder(
                            "sh", "-c", "exec 3<>" + mount.file + "; echo open; read line; echo data >&3; exec 3>&-")
                    .start();
            try {
                assertEquals('o', user.getInputStream().read());
                assertTrue(
                        FileUsers.of(mount.directory().toRealPath()).toString().contains("sh (process " + user.pid()));
                Thread stopping =
                        Thread.ofPlatform().start(() -> mount.session().stop(Duration.ofSeconds(60)));
                while (MountTable.at(mount.directory()) != null) {
                    Thread.sleep(10);
                }
                user.getOutputStream().write('\n');
                user.getOutputStream().close();
                assertEquals(0, user.waitFor());
                stopping.join();
                assertEquals('d', volume.bytes()[0]);
            } finally {
                user.destroyForcibly();
            }
        }
    }

    /** The user never closes the file: after the grace time the session ends, and later requests fail. */
    @Test
    void aFileThatStaysOpenDoesNotBlockTheEnd() throws Exception {
        ScratchMount mount = new ScratchMount(volume, frontend());
        try (FileChannel user = FileChannel.open(mount.file, StandardOpenOption.WRITE)) {
            mount.session().stop(Duration.ofMillis(200));
            mount.session().awaitEnd();
            assertNull(MountTable.at(mount.directory()));
            assertThrows(IOException.class, () -> user.write(java.nio.ByteBuffer.wrap(new byte[] {1}), 0));
            assertEquals(0, volume.bytes()[0]);
        } finally {
            mount.close();
        }
    }

    /** A loop device, ext4 on it, files, fsync, fstrim, and the check of the file system afterwards. */
    @Test
    void aFileSystemLivesOnALoopDevice() throws Exception {
        MemoryVolume large = new MemoryVolume("large", 64 << 20);
        for (String directIo : new String[] {"off", "on"}) {
            try (ScratchMount mount = new ScratchMount(large, frontend())) {
                String node = must("losetup", "-f", "--show", "--direct-io=" + directIo, mount.file)
                        .strip();
                try {
                    useFileSystem(node, mount);
                } finally {
                    run("umount", scratch);
                    must("losetup", "-d", node);
                    awaitDetached(node);
                }
            }
        }
    }

    private void useFileSystem(String node, ScratchMount mount) throws Exception {
        must("mkfs.ext4", "-q", "-F", node);
        must("mount", node, scratch);
        must("dd", "if=/dev/urandom", "of=" + scratch.resolve("file"), "bs=1M", "count=20", "conv=fsync");
        String sum = must("md5sum", scratch.resolve("file"));
        String users = FileUsers.of(mount.directory()).toString();
        assertTrue(users.contains(node + " (umount " + scratch + "; losetup -d " + node + ")"), users);
        must("fstrim", scratch);
        must("umount", scratch);
        must("fsck.ext4", "-f", "-n", node);
        must("mount", node, scratch);
        assertEquals(sum, must("md5sum", scratch.resolve("file")));
        must("umount", scratch);
    }

    private static void awaitDetached(String node) throws Exception {
        Path backing = Path.of("/sys/block", Path.of(node).getFileName().toString(), "loop/backing_file");
        while (Files.exists(backing)) {
            Thread.sleep(10);
        }
    }
}
