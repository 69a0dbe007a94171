package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.LayoutNames;
import io.mdfuse.raid.geometry.ParityLayout;
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

/** Arrays that were created with {@code missing} and with spares, checked by md; and mdadm's names of layouts. */
@Tag("oracle")
class CreateOptionsOracleTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    /** Disks that were used before: their content must not matter. */
    private static List<Path> usedDisks(Path directory, int count) throws IOException {
        Files.createDirectories(directory);
        List<Path> disks = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            byte[] used = new byte[12 << 20];
            new Random(number).nextBytes(used);
            disks.add(Files.write(directory.resolve("disk" + number + ".img"), used));
        }
        return disks;
    }

    /** In the arguments a single letter stands for a disk: a for the first. */
    private static void create(List<Path> disks, String words) throws IOException {
        List<String> command = new ArrayList<>(List.of("create"));
        for (String word : words.split(" ", -1)) {
            command.add(word.matches("[a-f]") ? disks.get(word.charAt(0) - 'a').toString() : word);
        }
        Verb.run(command).orFail();
    }

    /**
     * Writes all of the array, and returns its digest once only {@code missing} slots remain for which there is no
     * spare.
     */
    private static String fill(Images images, Path mountPoint, String missing) throws IOException {
        try (MountedArray array = MountedArray.mount(images, mountPoint, "--run")) {
            PatternWriter.fill(array.volume(), new WorkPattern(9));
            for (int wait = 0; wait < 600 && !settled(array, missing); wait++) {
                pause();
            }
            assertEquals(missing, array.attribute("degraded"));
            String digest = Digests.sha256(array.volume());
            array.unmount();
            return digest;
        }
    }

    private static boolean settled(MountedArray array, String missing) throws IOException {
        return array.attribute("degraded").equals(missing)
                && array.attribute("sync_action").equals("idle");
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What md reads: the digest, the number of missing members, the number of spares. */
    private static String mdSays(List<Path> devices) throws IOException {
        String job = """
                mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
                sum=$(sha256sum </dev/md0)
                echo ${sum%% *} $(cat /sys/block/md0/md/degraded) $(mdadm -D /dev/md0 | grep -c ' spare ')
                mdadm --stop /dev/md0 >&2
                """;
        return Oracle.run(job, devices).output().strip();
    }

    @ParameterizedTest
    @CsvSource({
        "-l raid5 -n 3 a missing b, 1, 0",
        "-l 4 -n 3 --bitmap internal a b missing, 1, 0",
        "-l 5 -n 4 -k ppl missing a b c, 1, 0",
        "-l raid6 -n 4 -c 64K a missing missing b, 2, 0",
        "-l raid6 -n 5 -p rs a missing b c d, 1, 0",
        "-l raid5 -n 3 -x 1 a b c d, 0, 1",
        "-l raid6 -n 4 -x 2 -e 1 a b c d e f, 0, 2",
        "-l raid5 -n 3 -x 1 a missing b c, 0, 0",
        "-l raid5 -n 3 -x 1 --write-journal e a b c d, 0, 1"
    })
    void mdReadsWhatWasWrittenAndCountsTheSame(String words, String missing, int spares) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> disks = usedDisks(scratch.path("images"), countOfDisks(words));
            create(disks, words);
            Images images = new Images(scratch.path("images"), disks, null);
            String digest = fill(images, scratch.path("mnt"), missing);
            assertEquals(digest + " " + missing + " " + spares, mdSays(disks));
        }
    }

    private static int countOfDisks(String words) {
        return (int) List.of(words.split(" ", -1)).stream()
                .filter(word -> word.matches("[a-f]"))
                .count();
    }

    /**
     * RAID-6 of used disks without one member: after the rebuild any other member may fail too, and all content can
     * still be read.
     */
    @Test
    void theRedundancyThatIsLeftIsRight() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> disks = usedDisks(scratch.path("images"), 3);
            create(disks, "-l 6 -n 4 -c 64K a missing b c");
            Images images = new Images(scratch.path("images"), disks, null);
            String digest = fill(images, scratch.path("mnt"), "1");
            for (int gone = 0; gone < 3; gone++) {
                List<Path> rest = new ArrayList<>(disks);
                rest.remove(gone);
                Images copy = new Images(scratch.path("images"), rest, null).copyTo(scratch.path("copy" + gone));
                List<Path> copies = rest.stream()
                        .map(disk -> copy.directory().resolve(String.valueOf(disk.getFileName())))
                        .toList();
                assertEquals(digest + " 2 0", mdSays(copies));
            }
        }
    }

    /** A member fails under md: md uses the spare that create made. */
    @Test
    void mdRebuildsOntoASpareOfMdfuse() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> disks = usedDisks(scratch.path("images"), 4);
            create(disks, "-l 5 -n 3 -x 1 a b c d");
            Images images = new Images(scratch.path("images"), disks, null);
            String digest = fill(images, scratch.path("mnt"), "0");
            String job = """
                    mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
                    mdadm /dev/md0 --fail $1 >&2
                    until [ "$(cat /sys/block/md0/md/degraded) $(cat /sys/block/md0/md/sync_action)" = "0 idle" ]; do
                      sleep 0.05
                    done
                    mdadm --stop /dev/md0 >&2; mdadm --assemble --run /dev/md0 $2 $3 $4 >&2
                    sha256sum </dev/md0 | cut -d' ' -f1
                    mdadm --stop /dev/md0 >&2
                    """;
            assertEquals(digest, Oracle.run(job, disks).output().strip());
        }
    }

    @Test
    void layoutsHaveTheNumbersThatMdadmGivesThem() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, 8 << 20, 0);
            String job = """
                    for word in WORDS; do
                      mdadm --create /dev/md0 --run --assume-clean --level=${word%%:*} --layout=${word#*:} \\
                        --raid-devices=4 --chunk=64 "$@" >&2 || continue
                      echo "$word $(cat /sys/block/md0/md/layout)"
                      mdadm --stop /dev/md0 >&2
                    done
                    """;
            List<String> words = new ArrayList<>();
            for (String name : List.of(
                    "la",
                    "ra",
                    "ls",
                    "rs",
                    "default",
                    "parity-first",
                    "parity-last",
                    "ddf-zero-restart",
                    "ddf-N-restart",
                    "ddf-N-continue",
                    "left-symmetric")) {
                words.add("5:" + name);
                words.add("6:" + name);
            }
            for (String name : List.of("left-asymmetric-6", "right-symmetric-6", "parity-first-6")) {
                words.add("6:" + name);
            }
            List<String> said = Oracle.run(job.replace("WORDS", String.join(" ", words)), images.all())
                    .output()
                    .lines()
                    .toList();
            assertEquals(words.size(), said.size(), said.toString());
            for (String line : said) {
                String[] parts = line.split("[: ]", -1);
                ParityLayout ours =
                        LayoutNames.find(Integer.parseInt(parts[0]), parts[1]).orElseThrow();
                assertTrue(line.endsWith(" " + ours.number()), line + ", ours " + ours.number());
            }
        }
    }
}
