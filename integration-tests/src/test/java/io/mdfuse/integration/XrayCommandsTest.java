package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code mdfuse journal} and {@code mdfuse stripe} on arrays that the real md driver left. */
class XrayCommandsTest {
    private static final Pattern REPLAYED =
            Pattern.compile("journal replayed: (\\d+) stripes \\((\\d+) as logged, (\\d+) with parity made anew\\)");
    private static final Pattern PREDICTED =
            Pattern.compile(": (\\d+) stripes (written as logged|written with parity)(,)?");
    private static final Pattern BLOCK_LINE = Pattern.compile(" +\\d+ +D\\d+ +(\\d+) +(\\S+) +(\\d+) +\\S+ .*");

    /** What it says of a recovery is what a mount then does. */
    @ParameterizedTest
    @ValueSource(strings = {"n-r6-wb-power", "r4-wt-power", "r5-wt-power-badpage", "n-r5-wt-power"})
    void aJournalIsRecoveredAsItWasToldBefore(String name) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named(name).unpack(scratch.path("images"));
            Command.Result told = Verb.run(List.of("journal", String.valueOf(images.journal())));
            assertEquals(0, told.exitStatus(), told::toString);
            Command.Result exported = Verb.run(
                    arguments("export", images, "--output", scratch.path("out").toString()));
            Matcher replayed = REPLAYED.matcher(exported.error() + exported.output());
            assertTrue(replayed.find(), exported::toString);
            long asLogged = 0;
            long parityMade = 0;
            Matcher predicted = PREDICTED.matcher(told.output());
            while (predicted.find()) {
                boolean only = predicted.group(2).equals("written as logged")
                        && !told.output().substring(predicted.end()).startsWith(" then");
                asLogged += only ? Long.parseLong(predicted.group(1)) : 0;
                parityMade += only ? 0 : Long.parseLong(predicted.group(1));
            }
            assertEquals(replayed.group(2) + "/" + replayed.group(3), asLogged + "/" + parityMade, told::toString);
            Command.Result blocks = Verb.run(List.of("journal", "--blocks", String.valueOf(images.journal())));
            assertTrue(blocks.output().startsWith("block at sector "), blocks::toString);
            assertTrue(blocks.output().endsWith(told.output()), "the list comes before the same report");
        }
    }

    /** Each data block that the table names holds the volume's bytes at that place of that device. */
    @ParameterizedTest
    @ValueSource(strings = {"r5-la-clean", "r5-ra-clean", "n-r5-clean"})
    void aStripeIsWhereItIsSaidToBe(String name) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named(name).unpack(scratch.path("images"));
            Path content = scratch.path("out");
            assertEquals(
                    0,
                    Verb.run(arguments("export", images, "--output", content.toString()))
                            .exitStatus());
            for (long offset : new long[] {0, 4096 * 57, 1 << 20, 5_000_000}) {
                Command.Result shown = Verb.run(arguments("stripe", images, Long.toString(offset)));
                assertEquals(0, shown.exitStatus(), shown::toString);
                assertTrue(shown.output().contains("fit"), shown::toString);
                Matcher blocks = BLOCK_LINE.matcher("");
                int seen = 0;
                for (String line : shown.output().lines().toList()) {
                    if (blocks.reset(line).matches()) {
                        seen++;
                        assertArrayEquals(
                                read(content, Long.parseLong(blocks.group(1))),
                                read(Path.of(blocks.group(2)), Long.parseLong(blocks.group(3))),
                                line);
                    }
                }
                assertTrue(seen >= 2, shown::toString);
            }
        }
    }

    @Test
    void wrongInputIsOneLine() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named("r5-la-clean").unpack(scratch.path("images"));
            String member = images.members().getFirst().toString();
            assertRefused(1, "is no journal but another device", Verb.run(List.of("journal", member)));
            assertRefused(1, "is not in the volume", Verb.run(arguments("stripe", images, "900T")));
            assertRefused(2, "the last argument is a byte of the volume", Verb.run(arguments("stripe", images)));
            assertRefused(
                    1,
                    "does not exist",
                    Verb.run(List.of("journal", scratch.path("none").toString())));
        }
    }

    private static void assertRefused(int status, String words, Command.Result run) {
        assertEquals(status, run.exitStatus(), run::toString);
        assertEquals("", run.output());
        assertEquals(1, run.error().lines().count(), run::toString);
        assertTrue(run.error().contains(words), run::toString);
    }

    private static List<String> arguments(String verb, Images images, String... last) {
        List<String> arguments = new ArrayList<>(List.of(verb));
        images.members().forEach(member -> arguments.add(member.toString()));
        Path journal = images.journal();
        if (journal != null) {
            arguments.add(journal.toString());
        }
        arguments.addAll(List.of(last));
        return arguments;
    }

    private static byte[] read(Path file, long offset) throws IOException {
        byte[] bytes = new byte[4096];
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            open.seek(offset);
            open.readFully(bytes);
        }
        return bytes;
    }
}
