package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The class caches of the distribution, without which a short command takes twice its time. */
class ClassCacheTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    /** Java leaves old classes and a cache that does not fit out without a message, so a loss would not be noticed. */
    @Test
    void aShortCommandLoadsItsClassesFromTheCache() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, 8 << 20, 0);
            List<String> create = new ArrayList<>(
                    List.of(Project.mdfuse().toString(), "create", "--level", "5", "--raid-devices", "3"));
            images.all().forEach(image -> create.add(image.toString()));
            Command.run(create).orFail();
            Path log = scratch.path("loaded");
            Path home = Project.root().resolve("dist/mdfuse");
            Command.run(
                            home.resolve("runtime/bin/java").toString(),
                            "-XX:+UseSerialGC",
                            "-XX:AOTCache=" + home.resolve("lib/mdfuse.aot"),
                            "-Xlog:class+load:file=" + log,
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            home + "/lib/*",
                            "io.mdfuse.cli.Mdfuse",
                            "examine",
                            images.members().getFirst().toString())
                    .orFail();
            List<String> loaded = Files.readAllLines(log);
            assertTrue(
                    loaded.stream().anyMatch(line -> line.contains("picocli.") && line.contains("shared objects")),
                    "no class of picocli is in the cache");
            assertEquals(
                    List.of(),
                    loaded.stream()
                            .filter(line -> line.contains("source: file:"))
                            .toList(),
                    "classes that the cache does not contain");
        }
    }

    /** A mount without its cache would work, but would need many seconds of load until its code is compiled. */
    @Test
    void aMountHasACacheOfItsOwnThatJavaAccepts() throws IOException {
        Path home = Project.root().resolve("dist/mdfuse");
        Command.run(
                        home.resolve("runtime/bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:AOTMode=on",
                        "-XX:AOTCache=" + home.resolve("lib/mount.aot"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        home + "/lib/*",
                        "io.mdfuse.cli.Mdfuse",
                        "--version")
                .orFail();
    }

    /**
     * Java 25 keeps machine code in its caches, made for the processor of the build, and runs that code on any other
     * one: on a processor without AVX, as in many a NAS, the first command ended with SIGILL.
     */
    @ParameterizedTest
    @ValueSource(strings = {"mdfuse", "mount"})
    void aCacheHoldsNoMachineCode(String cache) throws IOException {
        Path home = Project.root().resolve("dist/mdfuse");
        String output = Command.run(
                        home.resolve("runtime/bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:AOTMode=on",
                        "-XX:AOTCache=" + home.resolve("lib/" + cache + ".aot"),
                        "-Xlog:aot+codecache*=info:stdout",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        home + "/lib/*",
                        "io.mdfuse.cli.Mdfuse",
                        "--version")
                .orFail()
                .output();
        assertFalse(output.contains("AOT code entries"), output);
    }
}
