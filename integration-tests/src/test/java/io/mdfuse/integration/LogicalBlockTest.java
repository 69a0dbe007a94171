package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The logical block size that superblocks record since Linux 6.19: shown, kept, and never below a member's own. */
class LogicalBlockTest {
    private static final String TELL = """
            set -e
            mdadm --assemble /dev/md0 "$@" >&2
            cat /sys/block/md0/md/logical_block_size
            mdadm --stop /dev/md0 >&2
            """;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    /** Arrays made by mdfuse, read by the version of md that knows the field. */
    @ParameterizedTest
    @CsvSource({"4096,1.2,internal", "4096,1.0,internal", "1024,1.1,none", "512,1.2,none"})
    @Tag("oracle")
    void theNewestMdTakesWhatWasCreatedWithOne(int blockBytes, String metadata, String bitmap) throws IOException {
        Needs.newestOracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, TestArrayShape.MEMBER_BYTES, 0);
            create(images, "--metadata", metadata, "--bitmap", bitmap, "--logical-block-size", "" + blockBytes);
            String ours;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertEquals("" + blockBytes, array.attribute("logical_block_size"));
                PatternWriter.fill(array.volume(), new WorkPattern(blockBytes));
                ours = Digests.sha256(array.volume());
                array.unmount();
            }
            assertShown(images.members().getFirst(), blockBytes);
            assertEquals(
                    "" + blockBytes,
                    Oracle.runNewest(TELL, images.all()).output().strip());
            assertEquals(List.of(new Oracle.Verdict(ours, 0)), Oracle.judgeByNewest(List.of(images)));
        }
    }

    @Test
    @Tag("oracle")
    void everyMdTakesWhatWasCreatedWithoutOne() throws IOException {
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            assertEquals(0, Oracle.judge(images).mismatchCount());
        }
    }

    /**
     * Made by md, used by mdfuse, used by md again: the field stays on every device, a rebuilt member and a spare
     * included.
     */
    @Test
    @Tag("oracle")
    void oneThatMdMadeIsKept() throws IOException {
        Needs.newestOracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, TestArrayShape.MEMBER_BYTES, 0);
            Oracle.runNewest("""
                    set -e
                    mdadm --create /dev/md0 --run -l5 -n4 -c64 --bitmap=internal --logical-block-size=4096 "$@" >&2
                    until grep -q idle /sys/block/md0/md/sync_action; do sleep 0.05; done
                    mdadm --stop /dev/md0 >&2
                    """, images.all());
            Path spare = images.directory().resolve("spare.img");
            Images.sparse(spare, TestArrayShape.MEMBER_BYTES);
            List<Path> members = new ArrayList<>(images.members());
            Path replaced = members.remove(1);
            members.add(1, spare);
            String ours;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(3));
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.run("fail", replaced).orFail();
                verbs.run("add", spare).orFail();
                verbs.awaitWhole();
                ours = Digests.sha256(array.volume());
                array.unmount();
            }
            for (Path member : members) {
                assertShown(member, 4096);
            }
            Images now = new Images(images.directory(), members, null);
            assertEquals(List.of(new Oracle.Verdict(ours, 0)), Oracle.judgeByNewest(List.of(now)));
        }
    }

    /**
     * A drive with 4 KiB sectors among others: md refuses it too, since all sectors of the array would grow with it.
     */
    @Test
    void aDeviceWithLargerBlocksDoesNotJoin() throws IOException {
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, TestArrayShape.MEMBER_BYTES, 0);
            create(images);
            Path large = scratch.path("large.img");
            Images.sparse(large, TestArrayShape.MEMBER_BYTES);
            try (LoopDevice loop = LoopDevice.attach(large, "--sector-size", "4096");
                    MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                String before = Digests.sha256(large);
                assertRefused(verbs.run("add", loop.node()));
                assertRefused(verbs.run("add", "--force", loop.node()));
                assertRefused(verbs.run(
                        "replace", "--with", loop.node(), images.members().getFirst()));
                assertEquals(before, Digests.sha256(large));
                array.unmount();
                assertRefused(MountedArray.tryMount(images.all(), scratch.path("mnt"), "--add-journal", loop.node()));
            }
            Images four = Images.blank(scratch.path("four"), 3, TestArrayShape.MEMBER_BYTES, 0);
            create(four, "--logical-block-size", "4096");
            try (LoopDevice loop = LoopDevice.attach(large, "--sector-size", "4096");
                    MountedArray array = MountedArray.mount(four, scratch.path("mnt2"))) {
                new MemberVerbs(array).run("add", loop.node()).orFail();
                array.unmount();
            }
        }
    }

    @Test
    void createRefusesDevicesWithLargerBlocksThanItIsToRecord() throws IOException {
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, TestArrayShape.MEMBER_BYTES, 0);
            byte[] nothing = Files.readAllBytes(images.members().getFirst());
            new Random(1).nextBytes(nothing);
            Files.write(images.members().getFirst(), nothing);
            String before = Digests.sha256(images.members().getFirst());
            try (LoopDevice loop = LoopDevice.attach(images.members().getFirst(), "--sector-size", "4096")) {
                List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "create"));
                command.addAll(
                        List.of("--level", "5", "--raid-devices", "3", "--logical-block-size", "512", loop.node()));
                images.members().stream().skip(1).map(Path::toString).forEach(command::add);
                assertRefused(Command.run(command));
            }
            assertEquals(before, Digests.sha256(images.members().getFirst()));
        }
    }

    private static void create(Images images, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--chunk", "64K"));
        words.addAll(List.of(options));
        images.create(5, words.toArray(String[]::new));
    }

    private static void assertShown(Path member, int blockBytes) throws IOException {
        String text = Command.run(Project.mdfuse().toString(), "examine", member.toString())
                .orFail()
                .output();
        assertTrue(text.contains("Logical Block Size : " + blockBytes + " bytes"), text);
        String json = Command.run(Project.mdfuse().toString(), "examine", "--json", member.toString())
                .orFail()
                .output();
        assertTrue(json.contains("\"logical_block_bytes\" : " + blockBytes + ","), json);
    }

    private static void assertRefused(Command.Result result) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains("logical blocks of 4096 bytes"), result::toString);
    }
}
