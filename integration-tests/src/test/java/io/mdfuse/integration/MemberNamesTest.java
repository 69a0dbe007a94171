package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A device is shown by its absolute path, in whatever form it was given, and the verbs accept each form. */
final class MemberNamesTest {
    private static Command.Result in(Path directory, Object... words) throws IOException {
        StringBuilder line = new StringBuilder("cd '" + directory + "' && exec " + Project.mdfuse());
        for (Object word : words) {
            line.append(" '").append(word).append('\'');
        }
        return Command.run("sh", "-c", line.toString());
    }

    @Test
    void namesMeanTheSameInEachDirectory() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(6, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path directory = images.directory().toRealPath();
            Path top = Objects.requireNonNull(directory.getParent());
            Path mountPoint = Files.createDirectory(top.resolve("mnt"));
            Path link = Files.createSymbolicLink(top.resolve("link"), directory.resolve("disk2.img"));
            Path alert = Files.writeString(top.resolve("alert"), "#!/bin/sh\necho \"$*\" >>" + top + "/told\n");
            Files.setPosixFilePermissions(alert, PosixFilePermissions.fromString("rwx------"));
            in(
                            directory,
                            "mount",
                            "--log",
                            "../log",
                            "--alert",
                            "../alert",
                            "disk0.img",
                            "./disk1.img",
                            "../link",
                            "../images/disk3.img",
                            "../mnt")
                    .orFail();
            try {
                String detail = in(top, "detail", "mnt").orFail().output();
                for (String shown : List.of("disk0.img", "disk1.img", "disk3.img")) {
                    assertTrue(detail.contains(" active sync   " + directory.resolve(shown) + "\n"), detail);
                }
                assertTrue(detail.contains(" active sync   " + link + "\n"), detail);
                // By a relative path from another directory, and by the target of a symbolic link.
                in(top, "fail", "mnt", "images/./disk1.img").orFail();
                in(Path.of("/"), "remove", mountPoint, directory.resolve("disk1.img"))
                        .orFail();
                in(directory, "fail", "../mnt", "disk2.img").orFail();
                in(top, "remove", "mnt", "link").orFail();
                in(directory, "add", "../mnt", "--force", "./disk1.img").orFail();
                in(top, "wait", "mnt");
                String json = in(top, "detail", "--json", "mnt").orFail().output();
                assertTrue(json.contains("\"in_sync " + directory.resolve("disk1.img") + "\""), json);
            } finally {
                Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString());
            }
            List<String> told = Files.readAllLines(top.resolve("told"));
            assertTrue(told.contains("Fail " + mountPoint + "/md0 " + directory.resolve("disk1.img")), told::toString);
            assertTrue(told.contains("Fail " + mountPoint + "/md0 " + link), told::toString);
            String log = Files.readString(top.resolve("log"));
            assertFalse(log.contains(" disk1.img"), log);
        }
    }

    /**
     * The terminal shows only the mount's messages; the log has all events, those of the start included, and no class
     * names.
     */
    @Test
    void theLogBeginsInItsFile() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            try (MountedArray array = MountedArray.mount(images, mountPoint)) {
                Files.write(array.volume(), new byte[1 << 20], java.nio.file.StandardOpenOption.WRITE);
                array.kill();
            }
            Files.createDirectories(mountPoint);
            Command.Result result = MountedArray.tryMount(
                    images.all(), mountPoint, "--log", scratch.path("log").toString());
            try {
                assertEquals(0, result.exitStatus(), result::toString);
                assertFalse(result.error().matches("(?s).*\\b(INFO|WARN|ERROR)\\b.*"), result::toString);
                assertTrue(
                        result.errorLines().stream().allMatch(line -> line.startsWith("mdfuse: ")), result::toString);
            } finally {
                Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString());
            }
            String log = Files.readString(scratch.path("log"));
            assertTrue(log.contains(" INFO NewArray: "), log);
            assertFalse(log.contains("ArrayEvents"), log);
        }
    }
}
