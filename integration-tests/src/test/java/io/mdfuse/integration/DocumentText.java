package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a Markdown page of this project refers to: the class names in its backticks, and its links to other pages and
 * headings.
 *
 * @param path of the page, for messages and for links that start from it
 * @param lines its text
 */
record DocumentText(Path path, List<String> lines) {
    private static final Pattern BACKTICKS = Pattern.compile("`([^`]+)`");
    /** A name of at least two words: {@code RaidArray}, but neither {@code Journal} nor {@code MAGIC}. */
    private static final Pattern TYPE_NAME = Pattern.compile("\\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\\b");

    private static final Pattern MEMBER_NAME = Pattern.compile("\\b([A-Z][A-Za-z0-9]+)\\.([a-z][A-Za-z0-9]*)\\b");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern DECLARATION =
            Pattern.compile("\\b(?:class|record|interface|enum)\\s+([A-Z][A-Za-z0-9]*)\\b");

    static DocumentText read(Path path) throws IOException {
        return new DocumentText(path, Files.readAllLines(path));
    }

    /**
     * The pages that describe the code as it is: README, CONTRIBUTING and all of {@code docs}. The change log may name
     * classes that are gone.
     */
    static List<DocumentText> all() throws IOException {
        List<DocumentText> pages = new ArrayList<>();
        pages.add(read(Project.root().resolve("README.md")));
        pages.add(read(Project.root().resolve("CONTRIBUTING.md")));
        for (Path file : SourceTree.under(Project.root().resolve("docs"), ".md")) {
            pages.add(read(file));
        }
        return pages;
    }

    /** The source text of each type that any module declares, tests included, by simple name; nested types too. */
    static Map<String, String> sourceByType() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path file : SourceTree.javaFiles()) {
            String text = Files.readString(file);
            DECLARATION.matcher(text).results().forEach(type -> sources.merge(type.group(1), text, String::concat));
        }
        return sources;
    }

    /** A line for each name in backticks that no source file declares. */
    List<String> unknownNames(Map<String, String> sourceByType, Set<String> foreignNames) {
        List<String> unknown = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            for (MatchResult span : results(BACKTICKS, lines.get(number - 1))) {
                String place = path.getFileName() + ":" + number + ": ";
                for (MatchResult type : results(TYPE_NAME, span.group(1))) {
                    if (!sourceByType.containsKey(type.group()) && !foreignNames.contains(type.group())) {
                        unknown.add(place + type.group());
                    }
                }
                for (MatchResult member : results(MEMBER_NAME, span.group(1))) {
                    String source = sourceByType.get(member.group(1));
                    Pattern word = Pattern.compile("\\b" + member.group(2) + "\\b");
                    if (source != null && !word.matcher(source).find()) {
                        unknown.add(place + member.group());
                    }
                }
            }
        }
        return unknown;
    }

    /** A line for each link within the project to a file or heading that does not exist. */
    List<String> brokenLinks() throws IOException {
        List<String> broken = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            for (MatchResult link : results(LINK, lines.get(number - 1))) {
                String target = link.group(1);
                if (!target.contains("://") && !leadsSomewhere(target)) {
                    broken.add(path.getFileName() + ":" + number + ": " + target);
                }
            }
        }
        return broken;
    }

    private boolean leadsSomewhere(String target) throws IOException {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path page = file.isEmpty() ? path : path.resolveSibling(file);
        if (!file.isEmpty() && !Files.exists(page)) {
            return false;
        }
        DocumentText there = file.isEmpty() || hash < 0 ? this : read(page);
        return hash < 0 || there.anchors().contains(target.substring(hash + 1));
    }

    /** The anchors that GitHub gives to the headings: lower case, spaces as hyphens, punctuation dropped. */
    private Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        for (String line : lines) {
            if (line.startsWith("#")) {
                String heading = line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT);
                anchors.add(heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
            }
        }
        return anchors;
    }

    private static List<MatchResult> results(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }
}
