package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Runs {@code mdfuse recover}, and the command that it gives for its first candidate. */
final class RecoverRun {
    private RecoverRun() {}

    static Command.Result of(List<Path> images, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of(Project.mdfuse().toString(), "recover"));
        words.addAll(Arrays.asList(options));
        images.forEach(image -> words.add(image.toString()));
        return Command.run(words.toArray(String[]::new));
    }

    /** Mounts the first candidate by its command, and returns the sha256 of the volume. */
    static String contentOfFirst(Command.Result result, Path mountPoint) throws IOException {
        String command = result.output()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("mdfuse mount"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no candidate: " + result));
        Files.createDirectories(mountPoint);
        List<String> words = new ArrayList<>(
                List.of(command.replace("MOUNTPOINT", mountPoint.toString()).split(" ")));
        words.set(0, Project.mdfuse().toString());
        Command.run(words.toArray(String[]::new)).orFail();
        try (Stream<Path> files = Files.list(mountPoint)) {
            return Digests.sha256(files.findFirst().orElseThrow());
        } finally {
            Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                    .orFail();
        }
    }
}
