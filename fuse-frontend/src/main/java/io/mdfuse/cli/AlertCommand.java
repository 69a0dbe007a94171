package io.mdfuse.cli;

import io.mdfuse.raid.event.ArrayEvent;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's program for events, called as {@code mdadm --monitor --program} calls one: the event's name, the volume's
 * path and, if the event is about a device, that device. The program is started without a shell. It inherits standard
 * output and standard error of the serving process, and is killed when it runs longer than its limit.
 *
 * @param program an executable file
 * @param volume the volume's path, its second argument
 * @param limit the program is killed when it has run for this long
 */
record AlertCommand(Path program, String volume, Duration limit) {
    /** Longer than sending a mail takes. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(AlertCommand.class);

    /**
     * Finds a program as a shell would: a name without a slash in PATH.
     *
     * @throws IOException if no such program can be executed; the message is one line that says why
     */
    static Path find(String command, String searchPath) throws IOException {
        Path path = Path.of(command);
        if (!command.contains("/")) {
            for (String directory : searchPath.split(":", -1)) {
                Path candidate = Path.of(directory).resolve(command);
                if (isProgram(candidate)) {
                    return candidate.toAbsolutePath();
                }
            }
            throw new IOException("--alert " + command + ": there is no such program in PATH; give its path");
        }
        if (!Files.exists(path)) {
            throw new IOException(
                    "--alert " + command + ": there is no such file; it names one program, without arguments");
        }
        if (!isProgram(path)) {
            throw new IOException("--alert " + command + ": it can't be executed (chmod +x?)");
        }
        return path.toAbsolutePath();
    }

    private static boolean isProgram(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    /**
     * Runs the program for one event and waits for its end. A failure of the program is logged and not thrown. If the
     * thread is interrupted, the program and all processes that it started are killed.
     */
    void run(ArrayEvent event) throws InterruptedException {
        List<String> words = new ArrayList<>(List.of(program.toString(), event.name(), volume));
        if (!event.device().isEmpty()) {
            words.add(event.device());
        }
        try {
            Process process = new ProcessBuilder(words)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(Redirect.INHERIT)
                    .redirectError(Redirect.INHERIT)
                    .start();
            if (!endsInTime(process, event)) {
                kill(process);
                LOG.warn("the alert command {} for {} was killed after {} s", program, event.name(), limit.toSeconds());
            } else if (process.exitValue() != 0) {
                LOG.warn(
                        "the alert command {} for {} ended with status {}", program, event.name(), process.exitValue());
            }
        } catch (IOException e) {
            LOG.warn("the alert command for {} can't be run: {}", event.name(), e.getMessage());
        }
    }

    private boolean endsInTime(Process process, ArrayEvent event) throws InterruptedException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            kill(process);
            LOG.warn("the alert command {} for {} was still running at the end, and was killed", program, event.name());
            throw e;
        }
    }

    /** The program first, so that it starts nothing more; its descendants are listed before, while they are its. */
    private static void kill(Process process) {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }
}
