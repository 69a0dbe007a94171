package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.lock.LockRank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every lock of the program has a rank, and the page about locks lists the ranks as they are. */
class LockRulesTest {
    /** Monitors, and the locks of java.util.concurrent that have no rank. */
    private static final Pattern UNRANKED = Pattern.compile(
            "\\bsynchronized\\b|\\bnew (?:Reentrant\\w*Lock|StampedLock|Semaphore|CyclicBarrier|Phaser)\\b"
                    + "|\\bnotify(?:All)?\\(|(?<![.\\w])wait\\(|Thread\\.holdsLock");

    private static final Pattern COMMENT = Pattern.compile("^\\s*(?:\\*|/\\*|//)");
    private static final Pattern TABLE_ROW = Pattern.compile("\\| (\\d+) \\| `([A-Z_]+)` \\|.*");
    private static final Pattern CONSTANT = Pattern.compile("LockRank\\.([A-Z_]+)");

    @Test
    void everyLockHasARank() throws IOException {
        List<String> unranked = new ArrayList<>();
        for (Path file : mainFiles()) {
            if (!file.toString().contains("/device/lock/")) {
                unranked.addAll(unrankedLocks(file.getFileName().toString(), Files.readAllLines(file)));
            }
        }
        assertEquals(List.of(), unranked);
    }

    @Test
    void plantedLocksAreFound() {
        assertEquals(
                List.of("P:1", "P:2", "P:3", "P:5", "P:6", "P:7"),
                unrankedLocks(
                        "P",
                        List.of(
                                "    synchronized void run() {",
                                "        synchronized (this) {",
                                "    private final Lock lock = new ReentrantLock();",
                                "    // A synchronized method is a monitor.",
                                "    private final ReadWriteLock lock = new ReentrantReadWriteLock(true);",
                                "            wait(left);",
                                "        notifyAll();",
                                "        round.await();")));
    }

    private static List<String> unrankedLocks(String name, List<String> lines) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!COMMENT.matcher(lines.get(i)).lookingAt()
                    && UNRANKED.matcher(lines.get(i)).find()) {
                found.add(name + ":" + (i + 1));
            }
        }
        return found;
    }

    @Test
    void everyRankIsThatOfALock() throws IOException {
        List<String> used = new ArrayList<>();
        for (Path file : mainFiles()) {
            CONSTANT.matcher(Files.readString(file))
                    .results()
                    .map(constant -> constant.group(1))
                    .forEach(used::add);
        }
        for (LockRank rank : LockRank.values()) {
            assertTrue(used.contains(rank.name()), rank + " is no lock's rank");
        }
    }

    @Test
    void thePageListsTheRanksInTheirOrder() throws IOException {
        List<String> page = Files.readAllLines(Project.root().resolve("docs/architecture/threads-and-locks.md"));
        assertEquals(expectedRows(), rows(page));
    }

    @Test
    void aPlantedDifferenceIsFound() {
        List<String> page = List.of("| 1 | `MEMBER_SET` | x |", "| 1 | a write buffer | x |", "text");
        assertEquals(List.of("1 MEMBER_SET"), rows(page));
        assertTrue(!rows(page).equals(expectedRows()));
    }

    private static List<String> expectedRows() {
        List<String> rows = new ArrayList<>();
        for (LockRank rank : LockRank.values()) {
            rows.add((rows.size() + 1) + " " + rank.name());
        }
        return rows;
    }

    private static List<String> rows(List<String> page) {
        return page.stream()
                .flatMap(line -> TABLE_ROW.matcher(line).results())
                .map(LockRulesTest::numberAndName)
                .toList();
    }

    private static String numberAndName(MatchResult row) {
        return row.group(1) + " " + row.group(2);
    }

    private static List<Path> mainFiles() throws IOException {
        try (Stream<Path> files = Files.walk(Project.root())) {
            return files.filter(file -> file.toString().endsWith(".java")
                            && file.toString().contains("/src/main/")
                            && !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }
}
