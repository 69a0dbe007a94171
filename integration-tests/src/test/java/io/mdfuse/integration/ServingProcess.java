package io.mdfuse.integration;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The process that serves a mount, started as {@code mdfuse mount} starts it in the background: {@code BackgroundMount}
 * describes what parent and child say to each other. The test is the parent, which saves the start of one Java process
 * for each mount.
 *
 * @param messages the lines that the mount printed when it was ready
 */
record ServingProcess(ProcessHandle handle, String messages) {
    /** Tells the program that it is the child. */
    private static final String MARK = "MDFUSE_BACKGROUND";

    /** The child's last line: the mount can be used. */
    private static final String READY = "\u0006ready";

    /** Runs {@code mdfuse mount}; throws an {@link AssertionError} with all its output if it fails. */
    static ServingProcess start(List<String> command) throws IOException {
        Path error = Files.createTempFile("mdfuse-err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(error.toFile());
        builder.environment().put(MARK, "1");
        Process child = builder.start();
        CompletableFuture<Void> limit = CompletableFuture.runAsync(
                child::destroyForcibly,
                CompletableFuture.delayedExecutor(Command.LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            StringBuilder messages = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(READY)) {
                    return new ServingProcess(child.toHandle(), messages.toString());
                }
                messages.append(line).append('\n');
            }
            int status = child.waitFor();
            throw new AssertionError(new Command.Result(command, status, messages.toString(), Files.readString(error)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the mount starts", e);
        } finally {
            limit.cancel(false);
            Files.delete(error);
        }
    }
}
