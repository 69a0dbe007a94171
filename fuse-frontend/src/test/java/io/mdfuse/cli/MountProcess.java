package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.Fusermount;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One array, mounted by mdfuse as a process; the mount and its server end with the test. */
abstract class MountProcess {
    static final String UUID = "00000001:00000002:00000003:00000004";

    @TempDir
    Path scratch;

    Path images = Path.of("");
    Path mountPoint = Path.of("");

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

    /** Neither the mount nor the process that serves it outlives a test. */
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

    static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** The processes whose command line names the test's mount point, as pgrep finds them. */
    List<ProcessHandle> servers() {
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

    Path file() {
        return mountPoint.resolve("vol");
    }

    void write(int value) throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) value}), 100);
            file.force(false);
        }
    }

    int read() throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.READ)) {
            ByteBuffer value = ByteBuffer.allocate(1);
            file.read(value, 100);
            return value.get(0);
        }
    }

    static void mustSucceed(MdfuseProcess.Outcome outcome) {
        assertEquals(0, outcome.status(), outcome.toString());
    }

    static void mustRefuse(String line, MdfuseProcess.Outcome outcome) {
        assertEquals(new MdfuseProcess.Outcome(1, "", "mdfuse: " + line + "\n"), outcome);
    }

    List<String> digests() throws IOException {
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
}
