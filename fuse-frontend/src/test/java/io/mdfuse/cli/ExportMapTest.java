package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The map of an export replaces nothing but a map of an export; and a log is never appended to a device. */
class ExportMapTest {
    @TempDir
    private Path directory = Path.of("");

    private String image(String name) {
        return directory.resolve(name).toString();
    }

    @BeforeEach
    void create() {
        CommandRun run = CommandRun.of(
                "create", "-l5", "-n3", "-z16M", "--assume-clean", image("a.img"), image("b.img"), image("c.img"));
        assertEquals(0, run.status(), run.toString());
    }

    private void assertRefused(String words, String... options) throws IOException {
        byte[] before = Files.readAllBytes(directory.resolve("b.img"));
        String[] command = new String[options.length + 4];
        command[0] = "export";
        System.arraycopy(options, 0, command, 1, options.length);
        command[options.length + 1] = image("a.img");
        command[options.length + 2] = image("b.img");
        command[options.length + 3] = image("c.img");
        CommandRun run = CommandRun.of(command);
        assertEquals(1, run.status(), run.toString());
        assertTrue(run.err().contains(words), run.toString());
        assertArrayEquals(before, Files.readAllBytes(directory.resolve("b.img")));
    }

    @Test
    void aMemberIsNoMap() throws IOException {
        assertRefused("is not the map of an export", "-o", "-", "--map", image("b.img"));
        assertRefused("not an export to go on with", "-o", image("copy"), "--map", image("b.img"));
        assertFalse(Files.exists(directory.resolve("copy")));
    }

    /** The journal may hold the newest writes: a copy without them is made only if the user says so. */
    @Test
    void aMissingJournalIsNoDetail() {
        String[] names = {image("ja.img"), image("jb.img"), image("jc.img")};
        CommandRun made = CommandRun.of(
                "create", "-l5", "-n3", "-z16M", "--write-journal", image("j.img"), names[0], names[1], names[2]);
        assertEquals(0, made.status(), made.toString());
        CommandRun run = CommandRun.of("export", "-o", image("copy"), names[0], names[1], names[2]);
        assertEquals(1, run.status(), run.toString());
        assertTrue(run.err().contains("the array's journal was not given"), run.toString());
        assertFalse(Files.exists(directory.resolve("copy")));
        run = CommandRun.of("export", "--run", "-o", image("copy"), names[0], names[1], names[2]);
        assertEquals(0, run.status(), run.toString());
        run = CommandRun.of("recover", names[0], names[1], names[0]);
        assertTrue(run.err().contains("ja.img is given twice"), run.toString());
    }

    @Test
    void theDirectoryToSearchMustBeOne() throws IOException {
        String none = image("none");
        CommandRun run = CommandRun.of("export", "-o", image("copy"), "--search", none, "tank");
        assertEquals(1, run.status(), run.toString());
        assertEquals("mdfuse: --search " + none + ": does not exist; name the directory of the images\n", run.err());
        run = CommandRun.of("export", "-o", image("copy"), "--search", image("a.img"), "tank");
        assertTrue(run.err().contains("--search " + image("a.img") + ": is not a directory; name"), run.toString());
    }

    @Test
    void theCopyIsNoMap() throws IOException {
        assertRefused("the same name as the copy", "-o", image("copy"), "--map", image("copy"));
        assertRefused("the same name as the copy", "-o", image("copy"), "--map", image("./copy"));
        assertFalse(Files.exists(directory.resolve("copy")));
    }

    @Test
    void aMapOfAnExportIsReplaced() throws IOException {
        for (int i = 0; i < 2; i++) {
            Files.deleteIfExists(directory.resolve("copy"));
            Files.deleteIfExists(directory.resolve("map"));
            CommandRun run = CommandRun.of(
                    "export",
                    "-o",
                    image("copy"),
                    "--map",
                    image("map"),
                    image("a.img"),
                    image("b.img"),
                    image("c.img"));
            assertEquals(0, run.status(), run.toString());
            ExportMap.requireMayReplace(directory.resolve("map"));
        }
    }

    @Test
    void aLogThatCanNotBeWrittenIsRefusedInWords() {
        String[][] logs = {
            {image("none/log"), image("none/log") + ": its directory " + image("none") + " does not exist"},
            {directory.toString(), directory + ": is a directory"},
            {image("a.img/log"), image("a.img/log") + ": " + image("a.img") + " is not a directory"},
        };
        for (String[] log : logs) {
            CommandRun run = CommandRun.of(
                    "mount", "--foreground", "--log", log[0], image("a.img"), image("b.img"), image("c.img"), "/mnt");
            assertEquals(1, run.status(), run.toString());
            assertEquals("mdfuse: --log " + log[1] + "; name a file that can be written\n", run.err());
        }
    }

    @Test
    void aMemberIsNoLog() throws IOException {
        long before = Files.size(directory.resolve("c.img"));
        CommandRun run = CommandRun.of(
                "mount",
                "--foreground",
                "--read-only",
                "--log",
                image("c.img"),
                image("a.img"),
                image("b.img"),
                image("c.img"),
                "/mnt");
        assertEquals(1, run.status(), run.toString());
        assertTrue(run.err().contains("no log to append to"), run.toString());
        assertEquals(before, Files.size(directory.resolve("c.img")));
    }
}
