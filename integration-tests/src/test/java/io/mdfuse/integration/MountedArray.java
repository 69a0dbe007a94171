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
 * One array mounted by {@code mdfuse mount} as a user mounts it: in the background, by a process of its own.
 *
 * <p>{@link #unmount} ends the mount cleanly; {@link #kill} kills the server as a power failure would. In any case
 * {@link #close} leaves neither a process nor a mount point.
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

    /**
     * Mounts images at {@code mountPoint}, which is created. Throws an {@link AssertionError} with the reason if the
     * mount fails.
     */
    static MountedArray mount(Images images, Path mountPoint, String... options) throws IOException {
        return mount(images.all(), mountPoint, options);
    }

    /** Mounts devices of any kind by their names. */
    static MountedArray mount(List<?> devices, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        ServingProcess server = ServingProcess.start(command(devices, mountPoint, options));
        return at(mountPoint, server.handle(), server.messages());
    }

    /** As {@link #mount(Images, Path, String...)}, also with what the command does before its process serves. */
    static MountedArray mountByCommand(Images images, Path mountPoint, String... options) throws IOException {
        Files.createDirectories(mountPoint);
        String messages = tryMount(images.all(), mountPoint, options).orFail().output();
        return at(mountPoint, server(mountPoint), messages);
    }

    private static MountedArray at(Path mountPoint, ProcessHandle server, String messages) throws IOException {
        try {
            return new MountedArray(mountPoint, onlyFile(mountPoint), server, messages);
        } catch (AssertionError | IOException e) {
            detach(mountPoint);
            throw e;
        }
    }

    /** Runs {@code mdfuse mount} and returns its result, also if it fails. */
    static Command.Result tryMount(List<?> devices, Path mountPoint, String... options) throws IOException {
        return Command.run(command(devices, mountPoint, options));
    }

    private static List<String> command(List<?> devices, Path mountPoint, String... options) {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "mount"));
        command.addAll(List.of(options));
        devices.forEach(device -> command.add(device.toString()));
        command.add(mountPoint.toString());
        return command;
    }

    /** The array's file. */
    Path volume() {
        return volume;
    }

    Path mountPoint() {
        return mountPoint;
    }

    /** The lines that the mount printed when it was ready. */
    String startMessages() {
        return startMessages;
    }

    /** {@code mdfuse umount}: returns once the array is clean on its members. */
    void unmount() throws IOException {
        Verb.run("umount", mountPoint).orFail();
        assertFalse(isRunning(server), "umount returned while the serving process was still alive");
    }

    /** Kills the serving process, as a power failure would: at once, in the middle of its work. */
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

    /** Unmounts, whether the server runs or not; does nothing if nothing is mounted. */
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

    /** The background process that serves a mount point, found by the mount point on its command line. */
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
            // The process has ended since it was listed.
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
        // Not process.onExit(): the server is no child of this process, so its end is found by polling.
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

    /** A zombie, which its parent has not collected yet, has closed all its files: it counts as ended. */
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
