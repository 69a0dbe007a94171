package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CreateCommandTest {
    @TempDir
    private Path directory = Path.of("");

    private String image(String name) {
        return directory.resolve(name).toString();
    }

    private Assembly assemble(String... names) throws IOException {
        List<PeekDevice> devices = new ArrayList<>();
        List<FoundDevice> found = new ArrayList<>();
        for (String name : names) {
            devices.add(PeekDevice.open(directory.resolve(name)));
            found.add(SuperblockLocator.require(devices.getLast()));
        }
        for (PeekDevice device : devices) {
            device.close();
        }
        return Assembly.of(found);
    }

    private void refused(int status, String word, String... args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(status, run.status(), run.toString());
        assertTrue(run.err().startsWith("mdfuse: ") && run.err().contains(word), run.toString());
        assertEquals(1, run.err().lines().count(), run.toString());
        assertEquals("", run.out());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }

    @Test
    void makesTheImagesTheJournalAndTheArray() throws IOException {
        CommandRun run = CommandRun.of(
                "create",
                "--level",
                "5",
                "--raid-devices",
                "3",
                "--chunk",
                "64K",
                "--layout",
                "right-asymmetric",
                "--metadata",
                "1.1",
                "--name",
                "box:data",
                "--uuid",
                "00010203:04050607:08090a0b:0c0d0e0f",
                "--size",
                "16M",
                "--write-journal",
                image("j"),
                image("a"),
                image("b"),
                image("c"));
        assertEquals(0, run.status(), run.toString());
        assertEquals("", run.err());
        assertEquals(
                "array box:data (00010203:04050607:08090a0b:0c0d0e0f) made: RAID-5, 3 members, volume of 30M,"
                        + " journal of 7M\n",
                run.out());
        assertEquals(16 << 20, Files.size(directory.resolve("a")));
        assertEquals(8 << 20, Files.size(directory.resolve("j")));
        Assembly assembly = assemble("a", "b", "c", "j");
        assertEquals(List.of(), assembly.missingSlots());
        Superblock reference = assembly.reference();
        assertEquals(MetadataVersion.V1_1, reference.metadataVersion());
        assertEquals(1, reference.layout());
        assertEquals(128, reference.chunkSectors());
        assertEquals(Superblock.IN_SYNC, reference.resyncOffsetSectors());
        assertTrue(assembly.journalRequired());
    }

    @Test
    void theDefaultsAreMdadms() throws IOException {
        assertEquals(
                0,
                CommandRun.of("create", "-l5", "-n3", "-z", "8M", image("a"), image("b"), image("c"))
                        .status());
        Superblock reference = assemble("a", "b", "c").reference();
        assertEquals(MetadataVersion.V1_2, reference.metadataVersion());
        assertEquals(2, reference.layout());
        assertEquals(1024, reference.chunkSectors());
        assertEquals(0, reference.featureMap());
        assertTrue(reference.setName().endsWith("md0"), reference.setName());
    }

    @Test
    void levelFourAndSix() throws IOException {
        assertEquals(
                0,
                CommandRun.of("create", "-l4", "-n2", "-z", "8M", image("a"), image("b"))
                        .status());
        assertEquals(0, assemble("a", "b").reference().layout());
        CommandRun six = CommandRun.of(
                "create",
                "-l6",
                "-n4",
                "-z",
                "8M",
                "-p",
                "ddf-N-continue",
                image("c"),
                image("d"),
                image("e"),
                image("f"));
        assertEquals(0, six.status());
        assertEquals(10, assemble("c", "d", "e", "f").reference().layout());
    }

    @Test
    void wrongWordsAreUsageErrorsAndMakeNoFiles() throws IOException {
        refused(2, "--level", "create", "-n", "3", image("a"));
        refused(2, "DEV", "create", "-l", "5", "-n", "3");
        refused(2, "7", "create", "-l", "7", "-n", "3", "-z", "8M", image("a"), image("b"), image("c"));
        refused(
                2,
                "right-symmetric",
                "create",
                "-l5",
                "-n3",
                "-p",
                "sideways",
                "-z8M",
                image("a"),
                image("b"),
                image("c"));
        refused(2, "--metadata", "create", "-l5", "-n3", "-e", "0.90", "-z8M", image("a"), image("b"), image("c"));
        refused(2, "--chunk", "create", "-l5", "-n3", "-c", "96K", "-z8M", image("a"), image("b"), image("c"));
        refused(2, "--chunk", "create", "-l5", "-n3", "-c", "512", "-z8M", image("a"), image("b"), image("c"));
        refused(2, "size", "create", "-l5", "-n3", "-z", "lots", image("a"), image("b"), image("c"));
        refused(2, "--uuid", "create", "-l5", "-n3", "--uuid", "1234", "-z8M", image("a"), image("b"), image("c"));
        assertEquals(List.of(), files());
    }

    @Test
    void aRefusalRemovesTheImagesItMadeAndNoOthers() throws IOException {
        Files.write(directory.resolve("b"), new byte[16384]);
        refused(1, "too small", "create", "-l5", "-n3", "-z", "8M", image("a"), image("b"), image("c"));
        assertEquals(List.of("b"), files());
        refused(
                1,
                "metadata 1.0",
                "create",
                "-l5",
                "-n3",
                "-e1.0",
                "-z",
                "8M",
                "--write-journal",
                image("j"),
                image("x"),
                image("y"),
                image("z"));
        refused(1, "3 members are wanted", "create", "-l5", "-n3", "-z", "8M", image("x"), image("y"));
        refused(1, "same device", "create", "-l5", "-n3", "-z", "8M", image("x"), image("y"), image("x"));
        refused(1, "directory does not exist", "create", "-l5", "-n2", "-z", "8M", image("x"), image("no/y"));
        assertEquals(List.of("b"), files());
    }

    @Test
    void withoutASizeTheImagesMustBeThere() {
        refused(1, "a", "create", "-l5", "-n2", image("a"), image("b"));
        assertFalse(Files.exists(directory.resolve("a")));
    }

    @Test
    void anArrayIsNotMadeTwice() {
        String[] args = {"create", "-l5", "-n2", "-z", "8M", image("a"), image("b")};
        assertEquals(0, CommandRun.of(args).status());
        refused(1, "--force", args);
        assertEquals(
                0,
                CommandRun.of("create", "-l5", "-n2", "--force", image("a"), image("b"))
                        .status());
    }

    @Test
    void aJournalIsASixteenthWithinLimits() {
        assertEquals(8L << 20, ImageFiles.journalBytes(1 << 20));
        assertEquals(8L << 20, ImageFiles.journalBytes(128 << 20));
        assertEquals(64L << 20, ImageFiles.journalBytes(1L << 30));
        assertEquals(1L << 30, ImageFiles.journalBytes(1L << 40));
    }

    @Test
    void theHostIsPutBeforeTheNameWhereThereIsRoom() {
        assertEquals("box:data", SetName.of("box", "data"));
        assertEquals("other:data", SetName.of("box", "other:data"));
        assertEquals("data", SetName.of("", "data"));
        assertEquals("n".repeat(29), SetName.of("box", "n".repeat(29)));
        assertEquals("box:" + "n".repeat(27), SetName.of("box", "n".repeat(27)));
        assertEquals("n".repeat(28), SetName.of("box", "n".repeat(28)));
    }
}
