package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MdfuseTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commandLine = Mdfuse.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    @Test
    void helpAndVersionSucceed() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().contains("Exit status:"), out.toString());
        assertEquals(0, run("--version"));
        assertTrue(out.toString().contains("mdfuse "), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() {
        for (String[] args : new String[][] {{}, {"frobnicate"}, {"--nonsense"}}) {
            err.getBuffer().setLength(0);
            assertEquals(2, run(args));
            assertEquals(1, err.toString().lines().count(), err.toString());
            assertTrue(err.toString().startsWith("mdfuse: "), err.toString());
        }
        assertEquals("", out.toString());
    }

    private String wrong(String... args) {
        err.getBuffer().setLength(0);
        assertEquals(2, run(args));
        assertEquals(1, err.toString().lines().count(), err.toString());
        return err.toString();
    }

    @Test
    void mdadmsModesAreAnsweredWithTheVerb() {
        String[][] pairs = {
            {"--examine", "mdfuse examine"},
            {"-E", "mdfuse examine"},
            {"--detail", "mdfuse detail"},
            {"-D", "mdfuse detail"},
            {"--stop", "mdfuse umount"},
            {"-S", "mdfuse umount"},
            {"--assemble", "mdfuse mount"},
            {"-A", "mdfuse mount"},
            {"--create", "mdfuse create"},
            {"-C", "mdfuse create"},
            {"--query", "mdfuse examine"},
            {"--grow", "mdadm --grow"},
            {"--zero-superblock", "wipefs"},
            {"-Q", "mdfuse detail"},
            {"assemble", "mdfuse mount"},
        };
        for (String[] pair : pairs) {
            String line = wrong(pair[0], "/dev/md0", "--level=5");
            assertTrue(line.contains(pair[1]) && line.contains(pair[0]), line);
        }
    }

    @Test
    void typosAreAnsweredWithWhatWasProbablyMeant() {
        String[][] pairs = {
            {"monut", "did you mean mount?"},
            {"umonut", "did you mean umount?"},
            {"examin", "did you mean examine?"},
            {"exmaine", "did you mean examine?"},
            {"detial", "did you mean detail?"},
            {"craete", "did you mean create?"},
            {"replcae", "did you mean replace?"},
        };
        for (String[] pair : pairs) {
            assertTrue(wrong(pair[0], "x").contains(pair[1]), err.toString());
        }
        assertTrue(wrong("mount", "--red-only", "a", "b").contains("did you mean --read-only?"), err.toString());
        assertTrue(wrong("create", "-l5", "-n2", "--chnuk", "4K", "a", "b").contains("mean --chunk?"), err.toString());
        assertTrue(wrong("help", "moutn").contains("no command moutn; did you mean mount?"), err.toString());
        assertTrue(
                wrong("create", "-l5", "--raid-device", "3", "a", "b", "c").contains("did you mean --raid-devices?"),
                err.toString());
        assertTrue(
                wrong("create", "-l5", "--raid-dev=3", "a").contains("did you mean --raid-devices?"), err.toString());
        assertTrue(!wrong("frobnicate").contains("did you mean"), err.toString());
    }

    /** The parser's own words for a value name Java types, enum constants and positions. */
    @Test
    void aWrongValueIsSaidInTheUsersWords() {
        String[][] runs = {
            {"--wait is a whole number, not soon", "umount", "--wait", "soon", "m"},
            {"--wait is a whole number of at most 2147483647, not 99999999999", "umount", "--wait", "99999999999", "m"},
            {"--wait is at least 1 second, not -1", "umount", "--wait", "-1", "m"},
            {"--wait is at least 1 second, not 0", "umount", "--wait=0", "m"},
            {"--threads is a whole number, not x", "mount", "--threads", "x", "a", "m"},
            {"--interval is a number, not x", "watch", "--interval", "x", "m"},
            {"--journal-mode is write-through or write-back, not fast", "mount", "--journal-mode", "fast", "a", "m"},
            {"--size: '8E' is too large", "create", "-l5", "-n3", "--size", "8E", "a", "b", "c"},
            {"--chunk: 'x' is not a size", "create", "-l5", "-n3", "--chunk", "x", "a", "b", "c"},
            {"mdfuse: a,map=x,map=y: names two maps", "examine", "a,map=x,map=y"},
            {"--raid0-layout: new is neither", "export", "-o", "x", "--raid0-layout", "new", "a"},
            {"--read-only writes nothing, so nothing can be healed with it", "mount", "-r", "--heal", "a", "m"},
            {"nbd://: is no URI", "examine", "nbd://"},
            {"nbd://: is no URI", "mount", "--add-journal", "nbd://", "a", "m"},
        };
        for (String[] run : runs) {
            String line = wrong(Arrays.copyOfRange(run, 1, run.length));
            assertTrue(line.contains(run[0]), line);
            assertTrue(!line.contains("Invalid value") && !line.contains("WRITE_"), line);
        }
    }

    /** An empty path would be the working directory. */
    @Test
    void anEmptyArgumentIsRefused() throws IOException {
        String line = Objects.requireNonNull(ArgumentText.complaint(new String[] {"examine", ""}));
        assertTrue(line.startsWith("an argument is empty"), line);
        assertNull(ArgumentText.complaint(new String[] {"examine", "a"}));
    }

    @Test
    void everyVerbHasAnExampleAndNoLineOfItsHelpIsWiderThanATerminal() {
        CommandLine root = Mdfuse.commandLine();
        for (CommandLine verb : root.getSubcommands().values()) {
            String name = verb.getCommandName();
            if (name.equals("help")) {
                continue;
            }
            String usage = verb.getUsageMessage();
            assertTrue(usage.contains("Example"), usage);
            assertTrue(usage.contains("  mdfuse " + name + " "), usage);
            for (String line : verb.getCommandSpec().usageMessage().footer()) {
                assertTrue(line.length() <= 80, "is broken across lines: " + line);
            }
            assertTrue(usage.lines().allMatch(line -> line.length() <= 80), usage);
            for (String paragraph : verb.getCommandSpec().usageMessage().description()) {
                assertEndsWithASentence(paragraph);
            }
            verb.getCommandSpec().options().forEach(option -> assertTrue(option.description().length <= 1, name));
        }
        for (String line : root.getCommandSpec().usageMessage().footer()) {
            assertTrue(line.length() <= 80, "is broken across lines: " + line);
        }
    }

    /** picocli begins a line for each element of a description. */
    private static void assertEndsWithASentence(String paragraph) {
        for (String line : paragraph.replace("%n", "\n").split("\n", -1)) {
            String text = line.stripTrailing();
            boolean apart = text.isEmpty() || text.startsWith(" ");
            assertTrue(apart || text.matches(".*[.:;)]"), "a line that ends in the middle of a sentence: " + line);
        }
    }
}
