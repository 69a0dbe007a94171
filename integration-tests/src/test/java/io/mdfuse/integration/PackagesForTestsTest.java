package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code scripts/packages.sh} installs each program that a test needs. Otherwise the test would be skipped on a clean
 * machine, and only there.
 */
class PackagesForTestsTest {
    private static final Pattern NEEDED =
            Pattern.compile("\\b(?:Needs\\.program|Copier\\.of)\\(\"(\\S+)\", \"(\\S+)\"");

    /** The packages that every Debian has. */
    private static final List<String> ESSENTIAL = List.of("coreutils");

    @Test
    void everyProgramThatATestNeedsIsInstalled() throws IOException {
        String script = Files.readString(Project.script("packages.sh"));
        int programs = 0;
        List<String> missing = new ArrayList<>();
        for (Path file : SourceTree.javaFiles()) {
            String source = Files.readString(file);
            programs += (int) NEEDED.matcher(source).results().count();
            missing.addAll(missing(source, script));
        }
        assertEquals(List.of(), missing);
        assertTrue(programs > 20, "only " + programs + " programs were found in the tests");
    }

    @Test
    void plantedProgramIsFound() {
        String source =
                "Needs." + "program(\"mkfs.ext4\", \"e2fsprogs\"); Needs." + "program(\"zpool\", \"zfsutils-linux\");";

        assertEquals(
                List.of("need zpool zfsutils-linux"),
                missing(source, "test) need mkfs.ext4 e2fsprogs; need fio fio ;;"));
    }

    private static List<String> missing(String source, String script) {
        List<String> missing = new ArrayList<>();
        for (MatchResult needed : NEEDED.matcher(source).results().toList()) {
            String line = "need " + needed.group(1) + " " + needed.group(2);
            boolean asked = Pattern.compile(Pattern.quote(line) + "[\\s;]")
                    .matcher(script)
                    .find();
            if (!asked && !ESSENTIAL.contains(needed.group(2))) {
                missing.add(line);
            }
        }
        return missing;
    }
}
