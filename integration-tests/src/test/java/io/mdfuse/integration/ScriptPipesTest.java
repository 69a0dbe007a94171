package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * No script with {@code set -o pipefail} pipes into a program that stops reading early, such as {@code grep -q}: the
 * program before it may then end by SIGPIPE, and the pipe fails although the text was found, now and then.
 */
class ScriptPipesTest {
    private static final Pattern STOPS_READING = Pattern.compile("\\|\\s*(grep (-\\w*q|-m)|head\\b|sed (-n )?\\S*q)");

    @Test
    void noPipeEndsInAProgramThatStopsReading() throws IOException {
        List<Path> scripts = SourceTree.under(Project.root().resolve("scripts"), ".sh");
        List<String> found = new ArrayList<>();
        for (Path script : scripts) {
            found.addAll(racingPipes(script.getFileName().toString(), Files.readAllLines(script)));
        }
        assertEquals(List.of(), found);
        assertTrue(scripts.size() > 10, scripts.toString());
    }

    @Test
    void plantedPipesAreFound() {
        List<String> lines = List.of(
                "set -euo pipefail",
                "# Not \"ldconfig -p | grep -q\", which stops reading.",
                "ldconfig -p | grep -q libfuse || exit 1",
                "first=$(ls | head -n 1)",
                "grep -q libfuse list",
                "ls | grep fuse | wc -l");

        assertEquals(List.of("planted:3", "planted:4"), racingPipes("planted", lines));
        assertEquals(List.of(), racingPipes("planted", lines.subList(1, lines.size())));
    }

    private static List<String> racingPipes(String name, List<String> lines) {
        List<String> found = new ArrayList<>();
        boolean pipefail = lines.stream().anyMatch(line -> line.startsWith("set -") && line.contains("pipefail"));
        for (int number = 1; pipefail && number <= lines.size(); number++) {
            String line = lines.get(number - 1);
            if (!line.strip().startsWith("#") && STOPS_READING.matcher(line).find()) {
                found.add(name + ":" + number);
            }
        }
        return found;
    }
}
