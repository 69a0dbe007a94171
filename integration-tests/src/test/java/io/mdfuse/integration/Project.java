package io.mdfuse.integration;

import java.nio.file.Files;
import java.nio.file.Path;

/** Paths in the source tree that these tests run from. */
final class Project {
    private Project() {}

    /** The root of the source tree: the directory with the Makefile. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("Makefile"))) {
            Path parent = directory.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no Makefile above " + Path.of("").toAbsolutePath());
            }
            directory = parent;
        }
        return directory;
    }

    /** The program under test, as {@code make build} leaves it. */
    static Path mdfuse() {
        return root().resolve("dist/mdfuse/bin/mdfuse");
    }

    /** A script of the project, by its path under {@code scripts/}. */
    static Path script(String name) {
        return root().resolve("scripts").resolve(name);
    }
}
