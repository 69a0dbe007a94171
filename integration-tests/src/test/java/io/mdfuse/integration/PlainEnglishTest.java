package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Sentences name their subject and say "if" for a condition, in comments, messages, documents and scripts. The words
 * and phrases here stand for no subject that a reader could look up, or make a condition look like a place.
 */
class PlainEnglishTest {
    /** Say which request, thread, member or device it is. */
    private static final Pattern NO_SUBJECT =
            Pattern.compile("\\bwho(m)?ever\\b|\\b(no|some|every|any)body\\b|\\b(who)m\\b", Pattern.CASE_INSENSITIVE);

    /** A condition after a value, an exception, or a negation: say "if". */
    private static final Pattern WHERE_FOR_IF = Pattern.compile(
            "\\b(?:null|empty|true|false|0|-1)\\s+where\\b|@throws\\s+\\S+\\s+where\\b"
                    + "|\\bwhere (it|this|that|there) (is|was) (not?|none)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final List<Pattern> BANNED = List.of(NO_SUBJECT, WHERE_FOR_IF);

    @Test
    void noBannedWordInSourcesDocumentsAndScripts() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : texts()) {
            found.addAll(bannedWords(file.toString(), Files.readAllLines(file)));
        }
        assertEquals(List.of(), found);
    }

    @Test
    void plantedWordsAreFound() {
        List<String> lines = List.of(
                "Every body of a request is copied.",
                "Who" + "ever comes first takes the lease.",
                "Left to no" + "body: the one of wh" + "om.",
                " * @throws IOException whe" + "re it was refused",
                "The member, or null whe" + "re there is none.",
                "It lies where the superblock says.");

        assertEquals(4, bannedWords("planted", lines).size());
    }

    private static List<String> bannedWords(String name, List<String> lines) {
        List<String> found = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1);
            if (BANNED.stream().anyMatch(word -> word.matcher(line).find())) {
                found.add(name + ":" + number + ": " + line.strip());
            }
        }
        return found;
    }

    private static List<Path> texts() throws IOException {
        List<Path> texts = new ArrayList<>(SourceTree.javaFiles());
        for (String page : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile")) {
            texts.add(Project.root().resolve(page));
        }
        texts.addAll(SourceTree.under(Project.root().resolve("docs"), ".md"));
        texts.addAll(SourceTree.under(Project.root().resolve("scripts"), ""));
        return texts;
    }
}
