package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.Fusermount;
import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** mount, detail and umount as processes: in the background and in the foreground, ended in every way. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountCommandTest {
    private static final String UUID = "00000001:00000002:00000003:00000004";

    @TempDir
    Path scratch;

    private Path images = Path.of("");
    private Path mountPoint = Path.of("");

    @BeforeEach
    void create() throws IOException {
        images = Files.createDirectory(scratch.resolve("images"));
        mountPoint = Files.createDirectory(scratch.resolve("mnt"));
        List<String> words = new ArrayList<>(List.of("create", "--level", "5", "--raid-devices", "3", "--size", "8M"));
        words.addAll(List.of("--uuid", UUID, "--name", "vol"));
        words.addAll(List.of("--write-journal", images.resolve("j").toString()));
        for (String member : List.of("a", "b", "c")) {
            words.add(images.resolve(member).toString());
        }
        assertEquals(0, Mdfuse.commandLine().execute(words.toArray(String[]::new)));
    }

    /** Nothing outlives a test: not the mount, not the process behind it. */
    @AfterEach
    void end() throws Exception {
        List<ProcessHandle> servers = servers();
        if (MountTable.at(scratch.toRealPath().resolve("mnt")) != null) {
            Fusermount.unmountLazily(mountPoint);
        }
        for (ProcessHandle server : servers) {
            server.destroyForcibly();
            assertTrue(ServerProcess.awaitEnd(server.pid(), Duration.ofMinutes(1)));
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** The processes whose command line names our mount point, as pgrep finds them. */
    private List<ProcessHandle> servers() {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                                .contains(mountPoint + "\0");
                    } catch (IOException gone) {
                        return false;
                    }
                })
                .toList();
    }

    private Path file() {
        return mountPoint.resolve("vol");
    }

    private void write(int value) throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) value}), 100);
            file.force(false);
        }
    }

    private int read() throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.READ)) {
            ByteBuffer value = ByteBuffer.allocate(1);
            file.read(value, 100);
            return value.get(0);
        }
    }

    private static void mustSucceed(MdfuseProcess.Outcome outcome) {
        assertEquals(0, outcome.status(), outcome.toString());
    }

    private static void mustRefuse(String line, MdfuseProcess.Outcome outcome) {
        assertEquals(new MdfuseProcess.Outcome(1, "", "mdfuse: " + line + "\n"), outcome);
    }

    /** run() reads both streams to their end, so it also shows that the server holds neither. */
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
    void umountNamesWhoIsInTheWay() throws Exception {
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
                // The server may still be trying its own file when we already see it.
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
    void aProcessThatLooksForAMomentDoesNotRefuseAnUnmount() throws Exception {
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

    /** Whatever is wrong is one line; and where the mount point is wrong, the devices are left untouched. */
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
                        "mdfuse: there is no option -o frobnicate; -o takes ro, rw and the words of"
                                + " FUSE (try: mdfuse mount"
                                + " --help)\n"),
                MdfuseProcess.run("mount", "-o", "frobnicate", images, mountPoint));
        assertEquals(List.of(), servers());
    }

    @Test
    void severalArraysInADirectoryMustBeToldApart() throws Exception {
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

    private List<String> digests() throws IOException {
        List<String> digests = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "j")) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(images.resolve(name)));
                digests.add(name + HexFormat.of().formatHex(digest));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        return digests;
    }

    /** As with mount(8), of ro and rw the last one counts; and read-only means that not a byte changes. */
    @Test
    void everyWordForReadOnlyMeansIt() throws Exception {
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

    /** libfuse refuses such a word only when it mounts, and the array has been opened, and written to, by then. */
    @Test
    void anUnknownWordForFuseIsRefusedBeforeTheArrayIsOpened() throws Exception {
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

    /** A new mount namespace has a copy of each mount, for whose sake the kernel would keep a FUSE session. */
    @Test
    void aCopyOfTheMountInAnotherNamespaceDoesNotHoldTheArray() throws Exception {
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

    @Test
    void aForgottenMountPointIsSaidAsThat() throws Exception {
        MdfuseProcess.Outcome forgotten = MdfuseProcess.run("mount", images.resolve("a"), images.resolve("b"));
        assertEquals(2, forgotten.status());
        assertTrue(forgotten.err().contains("the last word must be the mount point"), forgotten.err());
        assertTrue(MdfuseProcess.run("mount", images.resolve("a")).err().contains("a mount point"));
    }
}
