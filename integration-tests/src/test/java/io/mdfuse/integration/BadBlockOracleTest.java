package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bad-block lists of arrays that are passed from the real driver to mdfuse and back; a listed block always contains
 * garbage.
 */
@Tag("oracle")
class BadBlockOracleTest {
    private static final long MEMBER_BYTES = 16 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    /**
     * Writes random content; then marks blocks as bad through md's sysfs, at sectors of a device given as OFFSET:LENGTH
     * from its data offset on. A write elsewhere, which updates the superblocks, writes the list.
     */
    private static String make(int level, int members, String metadata) {
        return """
            echo y | mdadm --create /dev/md0 --run --assume-clean --level=%d --raid-devices=%d --chunk=16 \\
                --metadata=%s "$@" >&2
            dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null
            sha256sum /dev/md0 | cut -d' ' -f1
            bad() { echo "$(($(cat /sys/block/md0/md/dev-$1/offset) + $2)) $3" >/sys/block/md0/md/dev-$1/bad_blocks; }
            bad ubda 8 8; bad ubda 2000 1; bad ubdb 100 3; bad ubdc 1000 700; bad ubdd 20000 8
            dd if=/dev/md0 of=/run/block bs=4k count=1 skip=4000 2>/dev/null
            dd if=/run/block of=/dev/md0 bs=4k seek=4000 oflag=direct 2>/dev/null
            sleep 0.5
            mdadm --stop /dev/md0 >&2
            """.formatted(level, members, metadata);
    }

    private record Listed(long sector, long sectors) {}

    /** The list as mdadm reads it; mdfuse has to read the same. */
    private static List<Listed> listed(Path image) throws IOException {
        String theirs = Command.run("mdadm", "--examine-badblocks", image.toString())
                .orFail()
                .output();
        String ours = Command.run(Project.mdfuse().toString(), "examine", "--badblocks", image.toString())
                .orFail()
                .output();
        assertEquals(sectors(theirs), sectors(ours), () -> theirs + ours);
        List<Listed> ranges = new ArrayList<>();
        ours.lines().filter(line -> line.contains(" for ")).forEach(line -> {
            String[] words = line.strip().split(" ", -1);
            ranges.add(new Listed(Long.parseLong(words[0]), Long.parseLong(words[2])));
        });
        return ranges;
    }

    /** md splits long ranges that mdfuse shows as one: the number of bad sectors has to be the same. */
    private static long sectors(String text) {
        return text.lines()
                .filter(line -> line.contains(" for "))
                .mapToLong(line -> Long.parseLong(line.strip().split(" ", -1)[2]))
                .sum();
    }

    private static void scramble(Path image) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            for (Listed range : listed(image)) {
                byte[] junk = new byte[(int) range.sectors() * 512];
                new Random(range.sector()).nextBytes(junk);
                file.seek(range.sector() * 512);
                file.write(junk);
            }
        }
    }

    private static final String PHANTOMS = """
            set -e
            mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=4 --chunk=64 --bitmap=none "$@" >&2
            dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null || true
            sha256sum /dev/md0 | cut -d' ' -f1
            for name in ubda ubdc; do echo 4096 16 >/sys/block/md0/md/dev-$name/bad_blocks; done
            dd if=/dev/md0 of=/run/block bs=4k count=1 2>/dev/null
                dd if=/run/block of=/dev/md0 bs=4k oflag=direct 2>/dev/null
            sleep 0.5
            mdadm --stop /dev/md0 >&2
            """;

    private static final String READ_WITHOUT_LISTS = """
            set -e
            mdadm --assemble --update=force-no-bbl /dev/md0 "$@" >&2
            sha256sum /dev/md0 | cut -d' ' -f1
            mdadm --stop /dev/md0 >&2
            """;

    /**
     * Two members list the same blocks, which are good: reads of those blocks alone fail with EIO, and a mount that
     * ignores the lists reads the content.
     */
    @Test
    void listsThatCanNotBeTrueAreIgnoredAsMdsUpdateDoes() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, MEMBER_BYTES, 0);
            String sha256 = Oracle.run(PHANTOMS, images.all()).output().strip();
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                String said = array.startMessages();
                assertTrue(said.contains("8192 bytes at ") && said.contains("none of them can be solved"), said);
                assertEquals(4, blocksThatCanNotBeRead(array.volume()), said);
                array.unmount();
            }
            Images copy = images.copyTo(scratch.path("copy"));
            assertEquals(
                    sha256, Oracle.run(READ_WITHOUT_LISTS, copy.all()).output().strip());
            for (String option : List.of("--force", "--ignore-bad-block-lists")) {
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only", option)) {
                    assertEquals(sha256, Digests.sha256(array.volume()), option);
                    array.unmount();
                }
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--ignore-bad-block-lists")) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
            assertTrue(listed(images.members().getFirst()).isEmpty());
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    private static int blocksThatCanNotBeRead(Path volume) throws IOException {
        int bad = 0;
        byte[] block = new byte[4096];
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "r")) {
            for (long at = 0; at < file.length(); at += block.length) {
                try {
                    file.seek(at);
                    file.readFully(block);
                } catch (IOException e) {
                    bad++;
                }
            }
        }
        return bad;
    }

    @ParameterizedTest
    @ValueSource(strings = {"5 4 1.2", "5 4 1.0", "6 5 1.2", "4 4 1.1"})
    void bothReadAroundTheSameBlocks(String kind) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            String[] words = kind.split(" ", -1);
            int members = Integer.parseInt(words[1]);
            Images images = Images.blank(scratch.path("images"), members, MEMBER_BYTES, 0);
            String sha256 = Oracle.run(make(Integer.parseInt(words[0]), members, words[2]), images.all())
                    .output()
                    .strip();
            for (Path image : images.members().subList(0, 4)) {
                assertFalse(listed(image).isEmpty(), image::toString);
                scramble(image);
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                assertTrue(array.startMessages().contains("listed as bad"), array::startMessages);
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
            // Data was read, and so rewritten; parity is still listed, by mdfuse now, and may be wrong.
            int left = 0;
            for (Path image : images.members()) {
                left += listed(image).size();
                scramble(image);
            }
            assertTrue(left > 0);
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }
}
