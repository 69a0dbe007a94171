package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of this project's clone that tests about style and documents read. */
final class SourceTree {
    private SourceTree() {}

    /**
     * The Java files of each module under {@code src}, tests included; files that a build makes elsewhere may change
     * meanwhile.
     */
    static List<Path> javaFiles() throws IOException {
        List<Path> java = new ArrayList<>();
        for (Path sources : sourceDirectories()) {
            java.addAll(under(sources, ".java"));
        }
        return java;
    }

    /** The Java files that the program consists of. */
    static List<Path> productFiles() throws IOException {
        return javaFiles().stream()
                .filter(file -> file.toString().contains("/src/main/"))
                .toList();
    }

    /** Each file below a directory whose name ends in a suffix, in the order of their paths. */
    static List<Path> under(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(path -> path.toString().endsWith(suffix) && Files.isRegularFile(path))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> sourceDirectories() throws IOException {
        List<Path> directories = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(Project.root())) {
            for (Path module : modules) {
                if (Files.isDirectory(module.resolve("src"))) {
                    directories.add(module.resolve("src"));
                }
            }
        }
        directories.sort(null);
        return directories;
    }
}
