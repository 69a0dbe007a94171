package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.io.RandomAccessFile;
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
        List<BlockDevice> devices = new ArrayList<>();
        List<FoundDevice> found = new ArrayList<>();
        for (String name : names) {
            devices.add(PeekDevice.open(DeviceSpec.of(directory.resolve(name))));
            found.add(MemberLocator.require(devices.getLast()));
        }
        for (BlockDevice device : devices) {
            device.close();
        }
        return AssemblyRules.assemble(found);
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
                        + " journal of 7M\n"
                        + "for what goes on top: mkfs.xfs -d su=64k,sw=2, or mkfs.ext4 -b 4096 -E"
                        + " stride=16,stripe_width=32, or pvcreate --dataalignment 128k"
                        + " (mdfuse detail --advice MOUNTPOINT prints the lines)\n",
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

    /** What no array can be found by, or what breaks the lines in which the array is shown. */
    @Test
    void anIdentityThatCanNotBeRightIsRefused() throws IOException {
        for (String name : List.of("a\nb", "a\tb", "\u007f", "host:a\u0085b")) {
            refused(2, "control character", create("--name", name));
        }
        for (String name : List.of("", "host:", "  ")) {
            refused(2, "--name is empty", create("--name", name));
        }
        refused(2, "--size is more than 0", "create", "-l5", "-n2", "-z0", image("a"), image("b"));
        refused(2, "--raid-devices is at least 1, not 0", "create", "-l5", "-n0", "-z8M", image("a"));
        refused(2, "--spare-devices is at least 0, not -2", "create", "-l5", "-n1", "-x-2", "-z8M", image("a"));
        refused(2, "--uuid", create("--uuid", "00000000-0000-0000-0000-000000000000"));
        refused(2, "--write-journal can't be missing", create("--write-journal", "missing"));
        assertEquals(List.of(), files());
    }

    /** A word that is given twice may be a mistake in the one or in the other. */
    @Test
    void aMapIsGivenOnce() throws IOException {
        refused(1, "two maps", "create", "-l5", "-n2", "-z16M", image("a") + ",map=none,map=none", image("b"));
        refused(1, "two maps", "create", "-l5", "-n2", "-z16M", image("a") + ",map=x@1,map=none", image("b"));
        assertEquals(List.of(), files());
    }

    private String[] create(String option, String value) {
        return new String[] {"create", "-l5", "-n3", "-z16M", option, value, image("a"), image("b"), image("c")};
    }

    @Test
    void aLinkThatLeadsNowhereIsNamed() throws IOException {
        Path nowhere = directory.resolve("none/image");
        Files.createSymbolicLink(directory.resolve("a"), nowhere);
        for (String size : List.of("-z16M", "-f")) {
            refused(
                    1,
                    image("a") + ": is a symbolic link to " + nowhere + ", which does not exist",
                    "create",
                    "-l5",
                    "-n2",
                    size,
                    image("a"),
                    image("b"));
        }
        assertEquals(List.of("a"), files());
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
    void wrongArgumentsAreUsageErrorsAndMakeNoFiles() throws IOException {
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
        refused(
                1,
                "x: does not exist, nor does 1 other; --size makes image files, each of that size,"
                        + " for example --size 1G",
                "create",
                "-l5",
                "-n2",
                image("x"),
                image("y"));
        refused(1, "no does not exist", "create", "-l5", "-n2", "-z", "8M", image("x"), image("no/y"));
        assertEquals(List.of("b"), files());
    }

    /** The smallest member limits the array, and mdadm asks about that. */
    @Test
    void aMemberMuchSmallerThanTheOthersIsAskedAbout() throws IOException {
        for (String[] file : new String[][] {{"a", "256"}, {"b", "24"}, {"c", "256"}, {"d", "250"}}) {
            try (RandomAccessFile made =
                    new RandomAccessFile(directory.resolve(file[0]).toFile(), "rw")) {
                made.setLength(Long.parseLong(file[1]) << 20);
            }
        }
        String[] words = {"create", "-l", "5", "-n", "3", image("a"), image("b"), image("c")};
        refused(1, image("b") + ": has only 24.0 MiB where " + image("a") + " has 256.0 MiB", words);
        refused(1, "--run", words);
        assertEquals(List.of("a", "b", "c", "d"), files());
        assertEquals(
                0,
                CommandRun.of("create", "-l", "5", "-n", "3", image("a"), image("c"), image("d"))
                        .status());
        assertEquals(
                0,
                CommandRun.of("create", "--force", "--run", "-l", "5", "-n", "3", image("a"), image("b"), image("c"))
                        .status());
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
    void theHostIsPutBeforeTheNameIfTheNameStaysShortEnough() {
        assertEquals("box:data", SetName.of("box", "data"));
        assertEquals("other:data", SetName.of("box", "other:data"));
        assertEquals("data", SetName.of("", "data"));
        assertEquals("n".repeat(29), SetName.of("box", "n".repeat(29)));
        assertEquals("box:" + "n".repeat(27), SetName.of("box", "n".repeat(27)));
        assertEquals("n".repeat(28), SetName.of("box", "n".repeat(28)));
    }

    private String made(String... args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(0, run.status(), run.toString());
        return run.out();
    }

    @Test
    void levelLayoutAndMetadataTakeMdadmsNames() throws IOException {
        String[] disks = {image("a"), image("b"), image("c"), image("d")};
        for (String level : List.of("raid5", "5", "RAID5", "raid-5")) {
            made("create", "-f", "-l", level, "-n4", "-z8M", disks[0], disks[1], disks[2], disks[3]);
            assertEquals(5, assemble("a", "b", "c", "d").reference().level());
        }
        String layoutsOf5 = "la 0,ra 1,ls 2,rs 3,left-asymmetric 0,parity-first 4,parity-last 5,default 2,0 0,3 3,5 5,"
                + "ddf-zero-restart 1,ddf-N-restart 0,ddf-N-continue 2";
        String layoutsOf6 = "la 0,ra 1,ls 2,rs 3,parity-last 5,default 2,left-symmetric-6 18,parity-first-6 20,20 20,"
                + "ddf-zero-restart 8,ddf-N-restart 9,ddf-n-continue 10,8 8,LS 2";
        for (String level : List.of("5", "6")) {
            for (String pair : (level.equals("5") ? layoutsOf5 : layoutsOf6).split(",", -1)) {
                String[] words = pair.split(" ", -1);
                made("create", "-f", "-l", level, "-n4", "-p", words[0], disks[0], disks[1], disks[2], disks[3]);
                assertEquals(
                        Integer.parseInt(words[1]),
                        assemble("a", "b", "c", "d").reference().layout(),
                        pair);
            }
        }
        for (String version : List.of("1", "default", "1.2", "1.1", "1.0")) {
            made("create", "-f", "-l4", "-n4", "-e", version, disks[0], disks[1], disks[2], disks[3]);
            String expected = version.startsWith("1.") ? version : "1.2";
            assertEquals(
                    expected,
                    assemble("a", "b", "c", "d").reference().metadataVersion().text(),
                    version);
        }
        refused(2, "raid4, raid5 or raid6", "create", "-l", "raid10", "-n4", disks[0], disks[1], disks[2], disks[3]);
        refused(2, "level 4 has no", "create", "-l4", "-n3", "-p", "ls", disks[0], disks[1], disks[2]);
        refused(2, "ls", "create", "-l5", "-n3", "-p", "left-symmetric-6", disks[0], disks[1], disks[2]);
        refused(2, "64K", "create", "-l5", "-n3", "-c", "64", disks[0], disks[1], disks[2]);
    }

    @Test
    void missingTakesASlotAndMakesNoFile() throws IOException {
        String said = made("create", "-l5", "-n3", "-z8M", image("a"), "missing", image("c"));
        assertTrue(said.contains("2 of 3 members"), said);
        assertTrue(said.contains("without slot 1 no member may fail"), said);
        assertEquals(List.of("a", "c"), files());
        assertFalse(Files.exists(Path.of("missing")));
        Assembly assembly = assemble("a", "c");
        assertEquals(List.of(1), assembly.missingSlots());
        assertEquals(Superblock.IN_SYNC, assembly.reference().resyncOffsetSectors());
        made("create", "-f", "-l6", "-n4", "-z8M", "missing", image("a"), "missing", image("c"));
        assertEquals(List.of(0, 2), assemble("a", "c").missingSlots());
        refused(1, "2 are missing", "create", "-l5", "-n3", "-z8M", "missing", "missing", image("x"));
        refused(1, "3 are missing", "create", "-l6", "-n4", "-z8M", "missing", "missing", "missing", image("x"));
        refused(2, "./missing", "create", "-l5", "-n2", "-x1", "-z8M", image("x"), image("y"), "missing");
        made("create", "-l5", "-n2", "-z8M", image("missing"), image("x"));
        assertEquals(List.of("a", "c", "missing", "x"), files());
    }

    /** As with mdadm: a resync can't run without a member, so the last member is rebuilt instead. */
    @Test
    void aRaid6OfUsedDisksThatLacksOneMemberRebuildsItsLast() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            byte[] used = new byte[8 << 20];
            java.util.Arrays.fill(used, (byte) name.charAt(0));
            Files.write(directory.resolve(name), used);
        }
        String said = made("create", "-l6", "-n4", image("a"), "missing", image("b"), image("c"));
        assertTrue(said.contains("2 of 4 members, 1 spare"), said);
        assertTrue(said.contains("the first mount rebuilds slot 1"), said);
        assertEquals(List.of(1, 3), assemble("a", "b", "c").missingSlots());
        made("create", "-f", "--assume-clean", "-l6", "-n4", image("a"), "missing", image("b"), image("c"));
        assertEquals(List.of(1), assemble("a", "b", "c").missingSlots());
    }

    @Test
    void sparesFollowTheMembers() throws IOException {
        String said = made(
                "create", "-lraid5", "-n3", "-x", "1", "-z8M", "-R", image("a"), image("b"), image("c"), image("s"));
        assertTrue(said.contains("3 members, 1 spare"), said);
        assertEquals(List.of(), assemble("a", "b", "c", "s").missingSlots());
        String examined = CommandRun.of("examine", image("s")).out();
        assertTrue(examined.contains("Device Role : spare"), examined);
        refused(1, "-x 1", "create", "-l5", "-n3", "-z8M", image("p"), image("q"), image("r"), image("s"));
        refused(1, "1 spare are wanted", "create", "-l5", "-n3", "--spare-devices=1", "-z8M", image("p"), image("q"));
        refused(2, "/dev/md0", "create", "/dev/md0", "-l5", "-n2", "-z8M", image("p"), image("q"));
    }
}
