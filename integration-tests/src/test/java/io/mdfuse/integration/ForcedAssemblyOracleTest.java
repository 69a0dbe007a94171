package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arrays that md broke by losing one member after the other, with writes between. mdfuse must serve, read-only and
 * read-write, the same content that {@code mdadm --assemble --force} makes of copies of the images; and md must
 * assemble the images that mdfuse leaves without force.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class ForcedAssemblyOracleTest {
    private static final long MEMBER_BYTES = 8L << 20;

    /**
     * One sequence of failures.
     *
     * @param options mdadm's options for the creation
     * @param failing slots whose members fail, in this order
     * @param given which images are given, by slot
     * @param taken the member that has to be taken back, by its slot
     */
    private record History(String options, int members, List<Integer> failing, List<Integer> given, int taken) {}

    private static final List<History> HISTORIES = List.of(
            new History("--level=5", 4, List.of(1, 3), List.of(0, 1, 2, 3), 3),
            new History("--level=6", 5, List.of(4, 3, 2), List.of(0, 1, 2, 3, 4), 2),
            // The most common case of a failed NAS: one disk is dead and removed, another was dropped last.
            new History("--level=5 --bitmap=internal", 5, List.of(2, 0), List.of(0, 1, 3, 4), 0),
            new History("--level=4", 3, List.of(2, 1), List.of(2, 1, 0), 1),
            new History("--level=5 --metadata=0.90", 3, List.of(0, 2), List.of(0, 1, 2), 2),
            new History("--level=6 --layout=ddf-N-continue", 5, List.of(0, 2, 1), List.of(1, 3, 4), 1));

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    private static String breaking(History history) {
        StringBuilder job = new StringBuilder("nodes=(NODES)\n");
        job.append("mdadm --create /dev/md0 --run --assume-clean --raid-devices=%d --chunk=16 %s NODES <<<y >&2\n"
                .formatted(history.members(), history.options()));
        job.append("dd if=/dev/urandom of=/dev/md0 bs=1M count=6 conv=fsync status=none; sleep 0.4\n");
        for (int i = 0; i < history.failing().size(); i++) {
            // For the last member mdadm reports that it can't be failed; md records the failure nevertheless.
            job.append("mdadm --fail /dev/md0 ${nodes[%d]} >&2 || true; sleep 0.4\n"
                    .formatted(history.failing().get(i)));
            if (i < history.failing().size() - 1) {
                job.append("dd if=/dev/urandom of=/dev/md0 bs=37K seek=%d count=9 conv=fsync status=none; sleep 0.4\n"
                        .formatted(3 * i));
            }
        }
        job.append("dd if=/dev/md0 of=/dev/null bs=64K count=1 status=none || true; mdadm --stop"
                + " /dev/md0 >&2; echo done\n");
        return job.toString();
    }

    private static final String FORCED = """
            mdadm --assemble --force --readonly /dev/md0 NODES >&2
            sha256sum </dev/md0 | cut -d' ' -f1
            mdadm --stop /dev/md0 >&2
            """;

    private static final String PLAIN = """
            mdadm --assemble --run --readonly /dev/md0 NODES >&2
            sha256sum </dev/md0 | cut -d' ' -f1
            mdadm --stop /dev/md0 >&2
            """;

    private static List<Path> given(History history, Images images) {
        return history.given().stream().map(slot -> images.members().get(slot)).toList();
    }

    @Test
    void mdfuseTakesBackWhatMdadmTakesBack() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            for (int i = 0; i < HISTORIES.size(); i++) {
                arrays.add(
                        Images.blank(scratch.path("array" + i), HISTORIES.get(i).members(), MEMBER_BYTES, 0));
            }
            Oracle.runEach(
                    HISTORIES.stream().map(ForcedAssemblyOracleTest::breaking).toList(), arrays);
            List<Images> copies = new ArrayList<>();
            for (int i = 0; i < HISTORIES.size(); i++) {
                Images whole = arrays.get(i).copyTo(scratch.path("copy" + i));
                copies.add(new Images(whole.directory(), given(HISTORIES.get(i), whole), null));
            }
            List<String> right = Oracle.runEach(Collections.nCopies(copies.size(), FORCED), copies);
            List<String> ours = new ArrayList<>();
            List<Images> writtenByOurs = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < HISTORIES.size(); i++) {
                History history = HISTORIES.get(i);
                ours.add(serve(history, arrays.get(i), scratch.path("mnt")));
                if (!history.options().contains("0.90")) {
                    writtenByOurs.add(new Images(arrays.get(i).directory(), given(history, arrays.get(i)), null));
                    expected.add(right.get(i));
                }
            }
            assertEquals(right, ours);
            assertEquals(expected, Oracle.runEach(Collections.nCopies(expected.size(), PLAIN), writtenByOurs));
        }
    }

    /**
     * First refused with a message that names the option, then mounted read-only without any change, then forced;
     * returns the content.
     */
    private static String serve(History history, Images images, Path mountPoint) throws IOException {
        Images given = new Images(images.directory(), given(history, images), null);
        Map<String, String> before = images.digests();
        String taken = images.members().get(history.taken()).toString();
        boolean old = history.options().contains("0.90");
        Files.createDirectories(mountPoint);
        String[] look = old ? new String[] {"--read-only"} : new String[] {"--run"};
        Command.Result refused = MountedArray.tryMount(given.members(), mountPoint, look);
        assertEquals(1, refused.exitStatus(), refused::toString);
        assertEquals(1, refused.errorLines().size(), refused::toString);
        assertTrue(refused.error().contains("--force takes back " + taken + " ("), refused::toString);
        for (int slot : history.failing()) {
            if (history.given().contains(slot)) {
                // With metadata 0.90 md soon drops the mark of a failed device, so the slot is only empty.
                String name = images.members().get(slot) + " (slot " + slot + ") ";
                assertTrue(refused.error().contains(name + (old ? "" : "is marked faulty")), refused::toString);
            }
        }
        String sha256;
        try (MountedArray array = MountedArray.mount(given, mountPoint, "--read-only", "--force")) {
            sha256 = Digests.sha256(array.volume());
            String said = array.startMessages();
            assertTrue(said.contains(taken + " is taken back by --force in memory"), said);
            assertTrue(said.contains("the array survives no further failure"), said);
            array.unmount();
        }
        assertEquals(before, images.digests());
        if (!old) {
            try (MountedArray array = MountedArray.mount(given, mountPoint, "--force")) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
        }
        return sha256;
    }

    /**
     * One member's image is an older backup. md's event count went back both times that the array became clean, so all
     * superblocks have the same count.
     */
    @Test
    void imagesOfDifferentTimesAreRefused() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, MEMBER_BYTES, 0);
            String first = """
                    set -e
                    mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=4 --chunk=16 "$@" <<<y >&2
                    dd if=/dev/urandom of=/dev/md0 bs=1M count=4 conv=fsync status=none; sleep 0.5
                    mdadm --stop /dev/md0 >&2
                    """;
            Oracle.run(first, images.all());
            Path member = images.members().get(1);
            Path old = images.directory().resolve("old.img");
            Files.copy(member, old);
            String second = """
                    set -e
                    sleep 4
                    mdadm --assemble /dev/md0 "$@" >&2
                    dd if=/dev/urandom of=/dev/md0 bs=1M count=4 conv=fsync status=none; sleep 0.5
                    mdadm --stop /dev/md0 >&2
                    """;
            Oracle.run(second, images.all());
            Path mountPoint = Files.createDirectories(scratch.path("mnt"));
            try (MountedArray array = MountedArray.mount(images, mountPoint, "--read-only")) {
                assertEquals("", array.startMessages());
            }
            Files.copy(old, member, StandardCopyOption.REPLACE_EXISTING);
            for (String option : List.of("--read-only", "--run")) {
                Command.Result refused = MountedArray.tryMount(images.all(), mountPoint, option);
                assertEquals(1, refused.exitStatus(), refused::toString);
                assertTrue(refused.error().contains(member + " at 2"), refused::toString);
                assertTrue(refused.error().contains("not stopped together"), refused::toString);
            }
            try (MountedArray array = MountedArray.mount(images, mountPoint, "--read-only", "--force")) {
                assertTrue(array.startMessages().contains("not last written together"), array.startMessages());
            }
        }
    }

    /** Fields that md writes to some devices only do not mean that images are from different times. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--level=5 --raid-devices=3 --spare-devices=1",
                "--level=5 --raid-devices=3 --spare-devices=1 --metadata=0.90",
                "--level=6 --raid-devices=4 --bitmap=internal"
            })
    void ordinaryHistoriesStillMount(String options) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, MEMBER_BYTES, 0);
            String job = """
                    set -e
                    mdadm --create /dev/md0 --run --assume-clean --chunk=16 %s "$@" <<<y >&2
                    sleep 4; dd if=/dev/urandom of=/dev/md0 bs=64K count=4 conv=fsync status=none; sleep 1
                    mdadm --stop /dev/md0 >&2
                    """.formatted(options);
            Oracle.run(job, images.all());
            boolean old = options.contains("0.90");
            String[] words = old ? new String[] {"--read-only"} : new String[0];
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), words)) {
                assertEquals("0", array.attribute("degraded"));
                array.unmount();
            }
        }
    }

    /**
     * A new array starts with the rebuild of its last member; power fails during the rebuild while the array is written
     * to. The last write and the power failure can be seconds apart on a busy machine, so md is told to leave the array
     * marked as written to for longer than its 0.2 s.
     */
    @Test
    void aNewArrayWhoseFirstRebuildWasCutIsServed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, 16L << 20, 0);
            Path power = scratch.path("power");
            String job = """
                    echo 500 >/proc/sys/dev/raid/speed_limit_max; echo 100 >/proc/sys/dev/raid/speed_limit_min
                    mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=16 "$@" <<<y >&2
                    echo 60 >/sys/block/md0/md/safe_mode_delay
                    sleep 1; dd if=/dev/urandom of=/dev/md0 bs=1M count=20 oflag=direct status=none; sleep 1
                    touch %s; sleep 60
                    """.formatted(power);
            Oracle.crash(job, images.all(), power);
            Images copy = images.copyTo(scratch.path("copy"));
            String right = Oracle.runEach(List.of(FORCED), List.of(copy)).getFirst();
            Path mountPoint = Files.createDirectories(scratch.path("mnt"));
            Command.Result refused = MountedArray.tryMount(images.all(), mountPoint);
            assertEquals(1, refused.exitStatus(), refused::toString);
            assertTrue(refused.error().contains("disk3.img (slot 3) is rebuilt to "), refused::toString);
            Map<String, String> before = images.digests();
            try (MountedArray array = MountedArray.mount(images, mountPoint, "--read-only")) {
                assertEquals(right, Digests.sha256(array.volume()));
                array.unmount();
            }
            assertEquals(before, images.digests());
            try (MountedArray array = MountedArray.mount(images, mountPoint, "--force")) {
                assertEquals(right, Digests.sha256(array.volume()));
                new MemberVerbs(array).awaitWhole();
                array.unmount();
            }
            assertEquals(new Oracle.Verdict(right, 0), Oracle.judge(images));
        }
    }
}
