package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The documents name only classes, methods and headings that exist, so that a rename changes the documents too. */
class DocumentNamesTest {
    /** Names from Java and its libraries, which no source file of this project declares. */
    private static final Set<String> FOREIGN_NAMES = Set.of("MemorySegment");

    @Test
    void namesInBackticksAreDeclaredInTheSources() throws IOException {
        Map<String, String> sources = DocumentText.sourceByType();
        List<String> unknown = new ArrayList<>();
        for (DocumentText page : DocumentText.all()) {
            unknown.addAll(page.unknownNames(sources, FOREIGN_NAMES));
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void linksLeadToFilesAndHeadings() throws IOException {
        List<String> broken = new ArrayList<>();
        for (DocumentText page : DocumentText.all()) {
            broken.addAll(page.brokenLinks());
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void everyPageIsChecked() throws IOException {
        List<String> names = DocumentText.all().stream()
                .map(page -> page.path().getFileName().toString())
                .toList();
        assertTrue(names.containsAll(List.of("README.md", "ARCHITECTURE.md", "on-disk-format.md")), names.toString());
        assertTrue(DocumentText.sourceByType().size() > 500);
    }

    @Test
    void plantedNamesAndLinksAreFound() throws IOException {
        DocumentText planted = new DocumentText(
                Project.root().resolve("docs/ARCHITECTURE.md"),
                List.of(
                        "# One heading",
                        "`RaidArray` writes with `NoSuchWriter`; `MemorySegment` is Java's.",
                        "`RaidArray.close` and `RaidArray.closeTwice()`; `Journal` and `MAGIC` are"
                                + " no names of two humps.",
                        "[here](#one-heading), [there](#two-headings), [file](on-disk-format.md#the-journal),",
                        "[no file](nowhere.md), [no heading](mounting.md#nowhere), [the net](https://example.org/x)."));

        assertEquals(
                List.of("ARCHITECTURE.md:2: NoSuchWriter", "ARCHITECTURE.md:3: RaidArray.closeTwice"),
                planted.unknownNames(DocumentText.sourceByType(), FOREIGN_NAMES));
        assertEquals(
                List.of(
                        "ARCHITECTURE.md:4: #two-headings",
                        "ARCHITECTURE.md:5: nowhere.md",
                        "ARCHITECTURE.md:5: mounting.md#nowhere"),
                planted.brokenLinks());
    }
}
