package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code create --bitmap lockless}. */
final class CreateLocklessTest {
    @TempDir
    private Path directory = Path.of("");

    private String image(String name) {
        return directory.resolve(name).toString();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }

    private CommandRun create(String... options) {
        List<String> words = new ArrayList<>(List.of("create", "-l", "5", "-n", "3", "-z", "40M"));
        words.addAll(List.of(options));
        words.addAll(List.of(image("a.img"), image("b.img"), image("c.img")));
        return CommandRun.of(words.toArray(String[]::new));
    }

    @Test
    void itNeedsNoResyncAndIsExamined() throws IOException {
        CommandRun run = create("--bitmap", "lockless");
        assertEquals(0, run.status(), run.toString());
        assertFalse(run.out().contains("parity"), run.out());
        String shown = CommandRun.of("examine", "--bitmap", image("b.img")).out();
        for (String line : List.of("Version : 6", "Chunksize : 64 KB", "Bitmap : 608 chunks", "unwritten 608")) {
            assertTrue(shown.contains(line), shown);
        }
        for (String word : List.of("clean 0", "dirty 0", "need sync 0", "syncing unwritten 0", "clean unwritten 0")) {
            assertTrue(shown.contains(word), shown);
        }
        String json =
                CommandRun.of("examine", "--bitmap", "--json", image("b.img")).out();
        assertTrue(json.contains("\"clean_unwritten\""), json);
    }

    @Test
    void itHasTheLimitsOfMd() throws IOException {
        for (String[] wrong : new String[][] {
            {"1.2", "--bitmap", "lockless", "-e", "1.1"},
            {"1.2", "--bitmap", "lockless", "-e", "1.0"},
            {"chunk", "--bitmap", "lockless", "--bitmap-chunk", "64K"},
            {"exclude", "--bitmap", "lockless", "-k", "ppl"},
            {"exclude", "--bitmap", "lockless", "--write-journal", image("j.img")},
            {"lockless", "--bitmap", "lockles"}
        }) {
            CommandRun run = create(Arrays.copyOfRange(wrong, 1, wrong.length));
            assertTrue(run.status() != 0 && run.err().contains(wrong[0]), run.toString());
            assertEquals(List.of(), files());
        }
    }

    /** Linux 7.3 overwrites the head of the bitmap if a logical block is larger than the head. */
    @Test
    void aLogicalBlockLargerThanItsHeadIsRefused() throws IOException {
        for (String size : List.of("2048", "4096")) {
            CommandRun run = create("--bitmap", "lockless", "--logical-block-size", size);
            assertEquals(1, run.status(), run.toString());
            for (String word : List.of("logical block of " + size, "Linux 7.3", "at most 1024", "--force")) {
                assertTrue(run.err().contains(word), run.toString());
            }
            assertEquals(List.of(), files());
        }
        for (String size : List.of("512", "1024")) {
            CommandRun run = create("--bitmap", "lockless", "--force", "--logical-block-size", size);
            assertEquals(0, run.status(), run.toString());
        }
        CommandRun forced = create("--bitmap", "lockless", "--force", "--logical-block-size", "4096");
        assertEquals(0, forced.status(), forced.toString());
    }
}
