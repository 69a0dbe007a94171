package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs every command of the guides, in the order of the page, in one directory of their own. A page marks its commands:
 *
 * <ul>
 *   <li>a block that begins with <code>```sh</code>;
 *   <li>the right column of a table, if the cell begins with a command in backticks;
 *   <li>{@code <!-- before … -->}, which readers do not see, prepares what a reader is supposed to have;
 *   <li>{@code <!-- replace X with Y -->} names stand-ins for real disks.
 * </ul>
 */
class GuideCommandsTest {
    /** A guide takes ten seconds on an idle machine. */
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private static final Path GUIDES = Project.root().resolve("docs/guide");
    private static final Pattern COMMANDS = Pattern.compile(
            "(?ms)^```sh\\n(.*?)^```$" + "|^<!-- before\\n(.*?)^-->$|^\\| (?:`[^`]*`[^|]*) \\| `([^`]+)`[^|]*\\|$");
    private static final Pattern REPLACED = Pattern.compile("<!-- replace (\\S+) with (\\S+) -->");

    /** Whatever the commands leave mounted or attached is taken away, so that a failure leaves nothing. */
    private static final String TIDY = """
            tidy() {
              cd /
              for mount in "$scratch"/data; do ! mountpoint -q "$mount" || umount -l "$mount"; done
              losetup -n -l -O NAME,BACK-FILE | while read -r loop file; do
                case $file in "$scratch"/*) losetup -d "$loop" ;; esac
              done
              ! mountpoint -q "$scratch/mnt" || mdfuse umount --force "$scratch/mnt"
            }
            scratch=$PWD
            trap tidy EXIT
            set -eEx -o pipefail
            """;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.loopDevices();
        Needs.program("ddrescue", "gddrescue");
        Needs.program("getfattr", "attr");
        Needs.program("mkfs.ext4", "e2fsprogs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop.md", "rescue.md", "mdadm.md", "monitoring.md"})
    void everyCommandOfTheGuideWorks(String page) throws IOException {
        String commands = commands(Files.readString(GUIDES.resolve(page)));
        assertTrue(commands.lines().count() > 8, commands);
        Command.Result result = run(TIDY + (page.equals("mdadm.md") ? "mkdir mnt\n" : "") + commands);
        assertEquals(0, result.exitStatus(), result::toString);
    }

    @Test
    void everyGuideIsRun() throws IOException {
        assertEquals(4, SourceTree.under(GUIDES, ".md").size());
    }

    @Test
    void aCommandThatFailsIsFound() throws IOException {
        String page = """
                <!-- replace /dev/sd with dev/sd -->
                <!-- before
                mkdir dev
                -->
                ```sh
                : >/dev/sda
                test -e dev/sda
                ```
                | `mdadm` | `false` |
                """;
        assertEquals("mkdir dev\n: >dev/sda\ntest -e dev/sda\nfalse\n", commands(page));
        assertEquals(1, run(TIDY + commands(page)).exitStatus());
    }

    private static Command.Result run(String script) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<String> command = List.of(
                    "env",
                    "--chdir=" + scratch.directory(),
                    "PATH=" + Project.mdfuse().getParent()
                            + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "bash",
                    "-c",
                    script);
            return Command.run(command, LIMIT);
        }
    }

    private static String commands(String page) {
        StringBuilder commands = new StringBuilder();
        for (MatchResult found : COMMANDS.matcher(page).results().toList()) {
            for (int group = 1; group <= found.groupCount(); group++) {
                if (found.group(group) != null) {
                    commands.append(found.group(group).stripTrailing()).append('\n');
                }
            }
        }
        String all = commands.toString();
        for (MatchResult replaced : REPLACED.matcher(page).results().toList()) {
            all = all.replace(replaced.group(1), replaced.group(2));
        }
        return all;
    }
}
