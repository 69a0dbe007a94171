package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code package-info} of each package is a tour: it has a reading order and sections, and leads to most of the
 * package's classes. It names public classes by links and the others in code font, since documentation that is
 * generated for users contains public classes only.
 */
class PackageTourTest {
    /** A package with fewer classes than this needs no sections. */
    private static final int SMALL_PACKAGE = 8;

    /** A class by its full name in a link, or by its simple name in code font. */
    private static final Pattern CLASS_NAME = Pattern.compile(
            "\\{@(?:link\\s+(?:\\*\\s+)?[a-z.]+|code\\s+(?:\\*\\s+)?)([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)\\b");

    @TempDir
    Path directory;

    @Test
    void everyPackageHasATour() throws IOException {
        Set<String> known = DocumentText.sourceByType().keySet();
        List<String> found = new ArrayList<>();
        for (Path directory : packageDirectories()) {
            found.addAll(shortcomings(directory, known));
        }
        assertEquals(List.of(), found);
    }

    @Test
    void plantedTourWithoutOrderSectionsAndLinksIsFound() throws IOException {
        for (int number = 0; number < SMALL_PACKAGE; number++) {
            Files.writeString(directory.resolve("Part" + number + ".java"), "class Part" + number + " {}\n");
        }
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(other.resolve("Single.java"), "class Single {}\n");
        Path tour = directory.resolve("package-info.java");
        Files.writeString(tour, "/** {@link planted.Part0}, {@code Part1}, {@code Gone}. */\npackage planted;\n");

        assertEquals(
                List.of(
                        tour + ": no reading order",
                        tour + ": no section (<h2>)",
                        tour + ": leads to 2 of 8 classes; a tour leads to more than half",
                        tour + ": no class has the name Gone"),
                shortcomings(directory, Set.of("Part0", "Part1")));
        assertEquals(List.of(other + ": no package-info.java"), shortcomings(other, Set.of()));
    }

    private static List<String> shortcomings(Path directory, Set<String> known) throws IOException {
        Path tour = directory.resolve("package-info.java");
        if (!Files.exists(tour)) {
            return List.of(directory + ": no package-info.java");
        }
        String text = Files.readString(tour);
        List<String> classes = classesIn(directory);
        Set<String> named = CLASS_NAME
                .matcher(text)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> found = new ArrayList<>();
        if (!text.toLowerCase(Locale.ROOT).contains("reading order")) {
            found.add(tour + ": no reading order");
        }
        if (classes.size() >= SMALL_PACKAGE && !text.contains("<h2>")) {
            found.add(tour + ": no section (<h2>)");
        }
        long reached = classes.stream().filter(named::contains).count();
        if (2 * reached <= classes.size()) {
            found.add(tour + ": leads to " + reached + " of " + classes.size()
                    + " classes; a tour leads to more than half");
        }
        named.stream()
                .filter(name -> !known.contains(name))
                .forEach(name -> found.add(tour + ": no class has the name " + name));
        return found;
    }

    private static Set<Path> packageDirectories() throws IOException {
        return SourceTree.productFiles().stream().map(Path::getParent).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> classesIn(Path directory) throws IOException {
        return SourceTree.under(directory, ".java").stream()
                .filter(file -> directory.equals(file.getParent()) && !file.endsWith("package-info.java"))
                .map(file -> file.getFileName().toString().replaceFirst("\\.java$", ""))
                .toList();
    }
}
