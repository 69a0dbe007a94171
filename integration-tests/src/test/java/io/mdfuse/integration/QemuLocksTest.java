package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Members that qemu has open, or tries to open: the locks of qemu and mdfuse exclude each other.
 */
class QemuLocksTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("qemu-nbd", "qemu-utils");
    }

    /** qemu-nbd with one image, until it is closed. */
    private record NbdServer(Process process) implements AutoCloseable {
        static NbdServer start(ScratchDirectory scratch, Path image, String... options) throws IOException {
            Path socket = scratch.path("socket");
            List<String> command = new ArrayList<>(List.of("qemu-nbd", "-f", "raw", "-t", "-k", socket.toString()));
            command.addAll(List.of(options));
            command.add(image.toString());
            NbdServer server = new NbdServer(new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
            try {
                Instant end = Instant.now().plus(Duration.ofSeconds(20));
                while (!Files.exists(socket)) {
                    assertTrue(server.process.isAlive() && Instant.now().isBefore(end), "qemu-nbd does not start");
                    pause();
                }
                return server;
            } catch (AssertionError e) {
                server.close();
                throw e;
            }
        }

        private static void pause() throws IOException {
            try {
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }

        String named() {
            return "qemu-nbd (process " + process.pid() + ")";
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    private static Command.Result qemuIo(Path image, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
        command.addAll(List.of(options));
        command.add(image.toString());
        return Command.run(command);
    }

    @Test
    void qemuDoesNotGetAMemberOfAMountedArray() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                for (Path image : images.all()) {
                    for (String options : List.of("-r", "-n")) {
                        Command.Result result = qemuIo(image, options, "-c", "read 0 512");
                        assertNotEquals(0, result.exitStatus(), result::toString);
                        assertTrue(result.error().contains("lock"), result::toString);
                    }
                }
                // A member can always be examined.
                Command.run(
                                Project.mdfuse().toString(),
                                "examine",
                                images.members().getFirst().toString())
                        .orFail();
                array.unmount();
            }
        }
    }

    @Test
    void aMemberThatQemuServesIsRefusedAndQemuIsNamed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            for (boolean reader : new boolean[] {false, true}) {
                try (NbdServer qemu = NbdServer.start(
                        scratch, images.members().get(1), reader ? new String[] {"-r"} : new String[0])) {
                    assertRefused(qemu, MountedArray.tryMount(images.all(), mountPoint));
                    if (!reader) {
                        assertRefused(qemu, MountedArray.tryMount(images.all(), mountPoint, "--read-only"));
                    }
                }
            }
            assertEquals(before, images.digests());
        }
    }

    private static void assertRefused(NbdServer qemu, Command.Result result) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains("disk1.img: is locked by " + qemu.named()), result::toString);
    }

    @Test
    void readersShareAMember() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path member = images.members().get(1);
            try (NbdServer _ = NbdServer.start(scratch, member, "-r");
                    MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                qemuIo(member, "-r", "-c", "read 0 512").orFail();
                Command.Result writer = qemuIo(member, "-c", "write 0 512");
                assertNotEquals(0, writer.exitStatus(), writer::toString);
                assertTrue(writer.error().contains("lock"), writer::toString);
                array.unmount();
            }
        }
    }

    @Test
    void theOtherMdfuseIsNamed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path second = Files.createDirectory(scratch.path("second"));
            Path mountPoint = scratch.path("mnt");
            try (MountedArray array = MountedArray.mount(images, mountPoint)) {
                Command.Result result = MountedArray.tryMount(images.all(), second);
                assertEquals(1, result.exitStatus(), result::toString);
                String holder = "is locked by mdfuse (process " + array.server().pid() + ")";
                assertTrue(result.error().contains(holder), result::toString);
                String remedy = ", which serves it on " + mountPoint + "; end that first: mdfuse umount " + mountPoint;
                assertTrue(result.error().contains(remedy), result::toString);
                array.unmount();
            }
        }
    }
}
