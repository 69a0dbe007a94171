package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.puppycrawl.tools.checkstyle.Checker;
import com.puppycrawl.tools.checkstyle.ConfigurationLoader;
import com.puppycrawl.tools.checkstyle.PropertiesExpander;
import com.puppycrawl.tools.checkstyle.api.AuditEvent;
import com.puppycrawl.tools.checkstyle.api.AuditListener;
import com.puppycrawl.tools.checkstyle.api.CheckstyleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files, methods, lines and lists of parameters stay short ({@code style/checkstyle.xml} has the numbers), and no two
 * classes have the same simple name, tests included.
 */
class SourceStyleTest {
    @TempDir
    Path directory;

    @Test
    void filesMethodsAndLinesAreShort() throws IOException, CheckstyleException {
        assertEquals(List.of(), findings(SourceTree.javaFiles()));
    }

    @Test
    void simpleNamesAreUnique() throws IOException {
        assertEquals(List.of(), namesUsedTwice(SourceTree.javaFiles()));
    }

    @Test
    void plantedLengthsAreFound() throws IOException, CheckstyleException {
        String longMethod = "    void run() {\n" + "        run();\n".repeat(60) + "    }\n";
        String manyParameters = "    void take(int a, int b, int c, int d, int e, int f, int g, int h) {}\n";
        Path wordy = directory.resolve("Wordy.java");
        Files.writeString(
                wordy,
                "// " + "x".repeat(118) + "\nclass Wordy {\n" + longMethod + manyParameters + "\n".repeat(400) + "}\n");

        List<String> found = findings(List.of(wordy));

        assertEquals(4, found.size(), found.toString());
        assertTrue(found.stream().anyMatch(line -> line.contains("FileLength")), found.toString());
        assertTrue(found.stream().anyMatch(line -> line.contains("LineLength")), found.toString());
        assertTrue(found.stream().anyMatch(line -> line.contains("MethodLength")), found.toString());
        assertTrue(found.stream().anyMatch(line -> line.contains("ParameterNumber")), found.toString());
    }

    @Test
    void plantedSecondNameIsFound() {
        List<Path> files = List.of(
                Path.of("a/Twin.java"), Path.of("b/Twin.java"), Path.of("a/Single.java"), Path.of("b/Other.java"));

        assertEquals(List.of("a/Twin.java and b/Twin.java"), namesUsedTwice(files));
    }

    private static List<String> namesUsedTwice(List<Path> files) {
        Map<String, Path> first = new HashMap<>();
        List<String> twice = new ArrayList<>();
        for (Path file : files) {
            String name = Objects.requireNonNull(file.getFileName()).toString();
            Path other = first.putIfAbsent(name, file);
            if (other != null && !name.equals("package-info.java")) {
                twice.add(other + " and " + file);
            }
        }
        return twice;
    }

    /** A line for each place that Checkstyle objects to. */
    private static List<String> findings(List<Path> files) throws CheckstyleException {
        String rules = Objects.requireNonNull(SourceStyleTest.class.getResource("/style/checkstyle.xml"))
                .toString();
        List<String> found = new ArrayList<>();
        Checker checker = new Checker();
        try {
            checker.setModuleClassLoader(Checker.class.getClassLoader());
            checker.configure(ConfigurationLoader.loadConfiguration(rules, new PropertiesExpander(new Properties())));
            checker.addListener(new Collector(found));
            checker.process(files.stream().map(Path::toFile).toList());
        } finally {
            checker.destroy();
        }
        return found;
    }

    /** Keeps what Checkstyle reports. */
    private record Collector(List<String> found) implements AuditListener {
        @Override
        public void auditStarted(AuditEvent event) {}

        @Override
        public void auditFinished(AuditEvent event) {}

        @Override
        public void fileStarted(AuditEvent event) {}

        @Override
        public void fileFinished(AuditEvent event) {}

        @Override
        public void addError(AuditEvent event) {
            String check = event.getSourceName().replaceFirst(".*\\.", "").replaceFirst("Check$", "");
            found.add(event.getFileName() + ":" + event.getLine() + ": " + check + ": " + event.getMessage());
        }

        @Override
        public void addException(AuditEvent event, Throwable thrown) {
            found.add(event.getFileName() + ": " + thrown);
        }
    }
}
