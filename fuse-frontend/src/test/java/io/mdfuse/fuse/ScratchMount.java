package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real mount of a volume on a directory of its own; both are gone after close, whatever happened in between. */
public final class ScratchMount implements AutoCloseable {
    private final Path directory;
    private final MountSession session;
    final Path file;

    /** A mount by the front end of the environment, else by the first one that is installed. */
    public ScratchMount(Volume volume) throws IOException {
        this(volume, MountOptions.usual());
    }

    /** A mount by one front end; the test is skipped if its library is not installed. */
    ScratchMount(Volume volume, Frontend frontend) throws IOException {
        this(volume, options(frontend));
    }

    private ScratchMount(Volume volume, MountOptions options) throws IOException {
        directory = Files.createTempDirectory("mdfuse-mount");
        try {
            session = MountSession.mount(volume, directory, options);
        } catch (IOException e) {
            Files.delete(directory);
            throw e;
        }
        file = directory.resolve(volume.name());
    }

    /** Options that choose a front end; the test is skipped if its library is not installed. */
    static MountOptions options(Frontend frontend, String... options) {
        try {
            FuseLibrary.load(frontend);
        } catch (MountException missing) {
            Assumptions.abort(missing.getMessage());
        }
        return new MountOptions(MountOptions.DEFAULT_THREADS, List.of(options), frontend);
    }

    public Path directory() {
        return directory;
    }

    MountSession session() {
        return session;
    }

    /** The output and the exit status of a command. */
    record Outcome(int status, String words) {}

    /** Runs a command to its end, for at most a minute. */
    static Outcome run(Object... command) throws IOException, InterruptedException {
        List<String> arguments =
                java.util.Arrays.stream(command).map(Object::toString).toList();
        Process process =
                new ProcessBuilder(arguments).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException(arguments + " did not end; it said: " + words);
            }
            return new Outcome(process.exitValue(), words);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs a command that has to succeed, and returns its output. */
    static String must(Object... command) throws IOException, InterruptedException {
        Outcome outcome = run(command);
        if (outcome.status() != 0) {
            throw new AssertionError(List.of(command) + " failed: " + outcome.words());
        }
        return outcome.words();
    }

    @Override
    public void close() throws IOException {
        session.stop(Duration.ZERO);
        Files.deleteIfExists(directory);
    }
}
