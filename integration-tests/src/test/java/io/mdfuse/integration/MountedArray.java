package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mdfuse.fuse.Fusermount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One array mounted by {@code mdfuse mount}, the way a user mounts it: in the background.
 *
 * <p>{@link #unmount} ends it in order; {@link #kill} pulls its plug. Whatever happened, {@link #close} leaves neither
 * a process nor a mount point behind.
 */
final class MountedArray implements AutoCloseable {
    private final Path mountPoint;
    private final Path volume;
    private final ProcessHandle server;
    private final String startMessages;

    private MountedArray(Path mountPoint, Path volume, ProcessHandle server, String startMessages) {
        this.mountPoint = mountPoint;
        this.volume = volume;
        this.server = server;
        this.startMessages = startMessages;
    }

    /** Mounts images at {@code mountPoint}, which is made. An {@link AssertionError} says why it would not mount. */
    static MountedArray mount(Images images, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        Command.Result result = tryMount(images.all(), mountPoint, options);
        if (result.exitStatus() != 0) {
            throw new AssertionError(result);
        }
        try {
            return new MountedArray(mountPoint, onlyFile(mountPoint), server(mountPoint), result.output());
        } catch (AssertionError | IOException e) {
            detach(mountPoint);
            throw e;
        }
    }

    /** Runs {@code mdfuse mount}, whatever comes of it. */
    static Command.Result tryMount(List<Path> devices, Path mountPoint, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "mount"));
        command.addAll(List.of(options));
        devices.forEach(device -> command.add(device.toString()));
        command.add(mountPoint.toString());
        return Command.run(command);
    }

    /** The one file that is the array. */
    Path volume() {
        return volume;
    }

    Path mountPoint() {
        return mountPoint;
    }

    /** What the mount said when it was ready. */
    String startMessages() {
        return startMessages;
    }

    /** {@code mdfuse umount}: returns once the array is clean on its members. */
    void unmount() throws IOException {
        Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                .orFail();
        assertFalse(isRunning(server), "umount returned while the serving process was still alive");
    }

    /** Ends the serving process as a power failure would: at once, in the middle of whatever it does. */
    void kill() throws IOException {
        server.destroyForcibly();
        await(server);
        detach(mountPoint);
    }

    ProcessHandle server() {
        return server;
    }

    /** The value of {@code user.md.NAME}. */
    String attribute(String name) throws IOException {
        ByteBuffer value = ByteBuffer.allocate(64 << 10);
        attributes().read("md." + name, value);
        return StandardCharsets.UTF_8.decode(value.flip()).toString();
    }

    void setAttribute(String name, String value) throws IOException {
        attributes().write("md." + name, StandardCharsets.UTF_8.encode(value));
    }

    private UserDefinedFileAttributeView attributes() {
        return Files.getFileAttributeView(volume, UserDefinedFileAttributeView.class);
    }

    @Override
    public void close() throws IOException {
        detach(mountPoint);
        if (!awaitFor(server, Duration.ofSeconds(20))) {
            server.destroyForcibly();
            await(server);
        }
    }

    /** Takes the mount point away, dead or alive; nothing happens where nothing is mounted. */
    private static void detach(Path mountPoint) throws IOException {
        if (isMounted(mountPoint)) {
            Fusermount.unmountLazily(mountPoint);
        }
    }

    static boolean isMounted(Path mountPoint) throws IOException {
        String table = new String(Files.readAllBytes(Path.of("/proc/self/mounts")), StandardCharsets.UTF_8);
        return table.contains(" " + mountPoint + " ");
    }

    static Path onlyFile(Path mountPoint) throws IOException {
        try (Stream<Path> files = Files.list(mountPoint)) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), () -> "files in the mount: " + all);
            return all.getFirst();
        }
    }

    /** The background process that serves a mount point: it carries the mount point on its command line. */
    static ProcessHandle server(Path mountPoint) {
        List<ProcessHandle> found = servers(mountPoint);
        assertEquals(1, found.size(), () -> "processes that serve " + mountPoint + ": " + found);
        return found.getFirst();
    }

    static List<ProcessHandle> servers(Path mountPoint) {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process).contains(mountPoint.toString()))
                .toList();
    }

    private static List<String> commandLine(ProcessHandle process) {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            return List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            // It has ended since it was listed.
            return List.of();
        }
    }

    private static void await(ProcessHandle process) throws IOException {
        if (!awaitFor(process, Command.LIMIT)) {
            throw new IOException("process " + process.pid() + " outlived SIGKILL");
        }
    }

    private static boolean awaitFor(ProcessHandle process, Duration limit) throws IOException {
        Instant end = Instant.now().plus(limit);
        // Not process.onExit(): this is no child of ours, and its exit is seen by looking.
        while (isRunning(process)) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for process " + process.pid(), e);
            }
        }
        return true;
    }

    /** A process that ended but was not yet collected by its parent has let go of everything: it counts as ended. */
    private static boolean isRunning(ProcessHandle process) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "stat");
        try {
            String stat = new String(Files.readAllBytes(status), StandardCharsets.UTF_8);
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException e) {
            return false;
        }
    }
}
