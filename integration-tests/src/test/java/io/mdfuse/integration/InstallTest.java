package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code make install} and {@code make uninstall} do, and a mount whose program goes away. */
class InstallTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Command.Result install(Path root, String prefix, String verb) throws IOException {
        return Command.run(
                "env",
                "DESTDIR=" + root,
                "PREFIX=" + prefix,
                Project.root().resolve("dist/mdfuse/install.sh").toString(),
                verb);
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> !Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .map(path -> "/" + root.relativize(path))
                    .filter(path -> !path.contains("/lib/mdfuse/"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void anInstallationIsCompleteAndGoesWithoutATrace() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path root = Files.createDirectory(scratch.path("root"));
            Path other = Files.createDirectories(scratch.path("root/usr/bin")).resolve("other");
            Files.writeString(other, "another program");
            install(root, "/usr", "install").orFail();
            List<String> files = files(root);
            assertTrue(
                    files.containsAll(List.of(
                            "/usr/bin/mdfuse",
                            "/usr/share/man/man1/mdfuse-mount.1",
                            "/usr/share/man/man8/mount.mdfuse.8",
                            "/usr/share/bash-completion/completions/mdfuse",
                            "/usr/share/zsh/vendor-completions/_mdfuse",
                            "/usr/lib/systemd/system/mdfuse@.service")),
                    files.toString());
            assertEquals(
                    4, files.stream().filter(file -> file.contains("sbin/")).count(), files.toString());
            String unit = Files.readString(root.resolve("usr/lib/systemd/system/mdfuse@.service"));
            assertTrue(unit.contains("ExecStart=/usr/bin/mdfuse mount "), unit);

            install(root, "/usr", "install").orFail();
            assertEquals(files, files(root), "a second installation replaces the first");

            install(root, "/usr", "uninstall").orFail();
            assertEquals(List.of("/usr/bin/other"), files(root));
            assertFalse(Files.exists(root.resolve("usr/lib/mdfuse")));
            Command.Result again = install(root, "/usr", "uninstall");
            assertEquals(1, again.exitStatus(), again::toString);
            assertEquals(1, again.errorLines().size(), again::toString);
        }
    }

    /** As `make install PREFIX=$HOME/.local` does it: nothing is between the prefix and the root directory. */
    @Test
    void anInstallationWithoutADestinationIsReplacedAndRemoved() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            String prefix = scratch.path("local").toString();
            Path nowhere = Path.of("");
            install(nowhere, prefix, "install").orFail();
            install(nowhere, prefix, "install").orFail();
            assertTrue(Files.exists(Path.of(prefix, "bin/mdfuse")));
            install(nowhere, prefix, "uninstall").orFail();
            assertEquals(List.of(), files(Path.of(prefix)));
            assertFalse(Files.exists(Path.of(prefix, "lib/mdfuse")));
        }
    }

    @Test
    void theClassCacheWorksWhereItIsInstalled() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            install(scratch.directory(), "/opt/mdfuse", "install").orFail();
            Path home = scratch.path("opt/mdfuse/lib/mdfuse");
            Command.Result result = Command.run(
                    home.resolve("runtime/bin/java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:AOTMode=on",
                    "-XX:AOTCache=" + home.resolve("lib/mdfuse.aot"),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    home + "/lib/*",
                    "io.mdfuse.cli.Mdfuse",
                    "--version");
            // With this mode Java refuses to start with a cache that does not fit.
            assertEquals(0, result.exitStatus(), result::toString);
            assertEquals(
                    0,
                    Command.run(scratch.path("opt/mdfuse/bin/mdfuse").toString(), "--help")
                            .exitStatus());
        }
    }

    /** An upgrade or a removal of the package must not cost the array that is mounted meanwhile its clean end. */
    @Test
    void anArrayIsServedAndClosedAfterItsProgramWasRemoved() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            install(scratch.directory(), "/opt/mdfuse", "install").orFail();
            Path program = scratch.path("opt/mdfuse/bin/mdfuse");
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            List<String> mount = new ArrayList<>(List.of(program.toString(), "mount", "--journal-mode", "write-back"));
            images.all().forEach(image -> mount.add(image.toString()));
            mount.add(mountPoint.toString());
            Command.run(mount).orFail();
            byte[] content = new byte[3 << 20];
            try {
                install(scratch.directory(), "/opt/mdfuse", "uninstall").orFail();
                assertFalse(Files.exists(program));
                new Random(7).nextBytes(content);
                Files.write(MountedArray.onlyFile(mountPoint), content);
            } finally {
                Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                        .orFail();
            }
            for (Path member : images.members()) {
                String text = Command.run(Project.mdfuse().toString(), "examine", member.toString())
                        .output();
                assertTrue(text.contains("State : clean"), text);
            }
            try (MountedArray again = MountedArray.mount(images, mountPoint, "--read-only")) {
                byte[] read = new byte[content.length];
                try (java.io.InputStream in = Files.newInputStream(again.volume())) {
                    assertEquals(read.length, in.readNBytes(read, 0, read.length));
                }
                assertTrue(java.util.Arrays.equals(content, read));
            }
        }
    }
}
