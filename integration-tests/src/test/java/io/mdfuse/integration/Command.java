package io.mdfuse.integration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs another program to its end, with a time limit, and keeps its output. */
final class Command {
    /** Long enough for every program that works; a test that reaches this limit has found a hang. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    private Command() {}

    /**
     * The result of a program.
     *
     * @param exitStatus its exit status
     * @param output what it wrote on standard output
     * @param error what it wrote on standard error
     */
    record Result(List<String> command, int exitStatus, String output, String error) {
        /** The lines of {@link #error} that are not empty. */
        List<String> errorLines() {
            return error.lines().filter(line -> !line.isBlank()).toList();
        }

        /** This result if the program succeeded; otherwise throws an {@link AssertionError} with all its output. */
        Result orFail() {
            if (exitStatus != 0) {
                throw new AssertionError(this);
            }
            return this;
        }

        @Override
        public String toString() {
            return String.join(" ", command) + "\nexit status " + exitStatus + "\n" + output + error;
        }
    }

    /**
     * Runs a program and waits for its end. A program that runs longer than {@link #LIMIT} is killed, and the test
     * fails.
     */
    static Result run(String... command) throws IOException {
        return run(List.of(command));
    }

    static Result run(List<String> command) throws IOException {
        return run(command, LIMIT);
    }

    /** As {@link #run(List)}, for a script of many commands, with a limit of its own. */
    static Result run(List<String> command, Duration limit) throws IOException {
        // Files, not pipes: a background process that inherits a pipe could block this reader forever.
        Path output = Files.createTempFile("mdfuse-out", ".txt");
        Path error = Files.createTempFile("mdfuse-err", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .redirectError(error.toFile())
                    .start();
            boolean ended = waitFor(process, limit);
            Result result = new Result(command, ended ? process.exitValue() : -1, text(output), text(error));
            if (!ended) {
                throw new AssertionError("still running after " + limit + ": " + result);
            }
            return result;
        } finally {
            Files.delete(output);
            Files.delete(error);
        }
    }

    private static boolean waitFor(Process process, Duration limit) throws IOException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + process.info(), e);
        } finally {
            if (process.isAlive()) {
                process.destroyForcibly();
            }
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
