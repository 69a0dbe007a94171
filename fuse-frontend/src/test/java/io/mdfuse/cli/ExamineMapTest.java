package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examine --map}: the drawing of an array and of its devices, as text and as JSON. */
final class ExamineMapTest {
    @TempDir
    private Path directory = Path.of("");

    private String image(String name) {
        return directory.resolve(name).toString();
    }

    private void create(String words, String... images) {
        List<String> arguments = new ArrayList<>(List.of("create"));
        arguments.addAll(Arrays.asList(words.split(" ")));
        for (String image : images) {
            arguments.add(image(image));
        }
        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
        assertEquals(0, run.status(), run.toString());
    }

    private List<String> map(String... images) {
        List<String> arguments = new ArrayList<>(List.of("examine", "--map"));
        for (String image : images) {
            arguments.add(image(image));
        }
        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
        assertEquals("", run.err());
        assertEquals(0, run.status());
        return run.out()
                .replace(directory + "/", "")
                .lines()
                .peek(line -> assertTrue(line.length() <= 80, line))
                .toList();
    }

    @Test
    void anArrayWithAJournal() {
        create("-l5 -n3 -c64K -z16M --name box:data --write-journal", "j", "a", "b", "c");
        List<String> lines = map("a", "b", "c", "j");
        assertTrue(lines.getFirst().matches("box:data, [0-9a-f:]{35}"), lines.getFirst());
        assertEquals(
                List.of(
                        "raid5 left-symmetric, 3 slots, chunk 64K, volume of 31457280 bytes",
                        "",
                        "  byte of the data  slot  0  1  2",
                        "                 0        0  1  P",
                        "             65536        3  P  2",
                        "            131072        P  4  5",
                        "            196608        6  7  P",
                        "",
                        "A number is a chunk of the volume; chunk n begins at byte n x 65536 of it."),
                lines.subList(1, 10));
        assertTrue(lines.contains("a: slot 0, 16777216 bytes"), lines.toString());
        assertTrue(lines.contains("          4096            512  superblock, version 1.2"), lines.toString());
        assertTrue(lines.contains("       1048576       15728640  data"), lines.toString());
        assertTrue(
                lines.stream().anyMatch(line -> line.endsWith("  write journal; its log begins at byte 1048576")),
                lines.toString());
    }

    @Test
    void aWideArrayIsDrawnInBlocks() {
        String[] images = new String[26];
        Arrays.setAll(images, number -> "disk" + number);
        create("-l6 -n26 -c64K -z2M --bitmap internal", images);
        List<String> lines = map("disk0");
        assertEquals(
                3,
                lines.stream().filter(line -> line.contains("byte of the data")).count());
        assertTrue(lines.stream().anyMatch(line -> line.endsWith("  write-intent bitmap")), lines.toString());
    }

    /** A directory is searched; two arrays are two drawings. */
    @Test
    void everyArrayOfADirectory() {
        create("-l5 -n3 -z4M --name one", "a", "b", "c");
        create("-l4 -n3 -z4M --name two", "d", "e", "f");
        List<String> lines = map("");
        assertEquals(1, lines.stream().filter(line -> line.contains("one, ")).count());
        assertEquals(
                1,
                lines.stream().filter(line -> line.startsWith("raid4, 3 slots")).count());
        assertEquals(6, lines.stream().filter(line -> line.contains(": slot ")).count());
    }

    @Test
    void whatIsNoMemberIsRefused() throws IOException {
        Files.write(directory.resolve("text"), new byte[1 << 20]);
        CommandRun run = CommandRun.of("examine", "--map", image("text"));
        assertEquals(1, run.status());
        assertTrue(run.err().contains("has no md superblock"), run.err());
    }

    @Test
    void json() throws IOException {
        create("-l5 -n3 -c64K -z16M --write-journal", "j", "a", "b", "c");
        CommandRun run = CommandRun.of("examine", "--map", "--json", image("a"), image("j"));
        assertEquals(0, run.status(), run.toString());
        List<String> holds = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(run.out())) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING && "holds".equals(json.currentName())) {
                    holds.add(json.getText());
                }
            }
        }
        assertEquals(
                List.of("data", "data", "P", "data", "P", "data", "P", "data", "data", "data", "data", "P"),
                holds.subList(0, 12));
        assertTrue(holds.contains("superblock, version 1.2"), holds.toString());
    }
}
