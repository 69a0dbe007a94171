package io.mdfuse.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the command line in a process of its own, as a user does. */
final class MdfuseProcess {
    private MdfuseProcess() {}

    /** The exit status, and the output on each stream. */
    record Outcome(int status, String out, String err) {}

    /** The arguments that start mdfuse with this test's Java and class path. */
    static List<String> command(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Mdfuse.class.getName()));
        Arrays.stream(arguments).forEach(argument -> command.add(argument.toString()));
        return command;
    }

    /** Runs the process to its end; both streams are read until they are closed, as a shell's {@code $(...)} does. */
    static Outcome run(Object... arguments) throws IOException, InterruptedException {
        return finish(new ProcessBuilder(command(arguments)).start());
    }

    static Outcome finish(Process process) throws IOException, InterruptedException {
        try {
            process.getOutputStream().close();
            List<String> err = new ArrayList<>();
            Thread reader = Thread.ofPlatform().start(() -> err.add(text(process.getErrorStream())));
            String out = text(process.getInputStream());
            reader.join();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("mdfuse did not end; it said: " + out + err);
            }
            return new Outcome(process.exitValue(), out, err.getFirst());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(java.io.InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
