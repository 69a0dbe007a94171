package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reshapes that md begins here, with the power cut in the middle. What mdfuse reads then is what was written before it,
 * and what md has after it has completed the reshape.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class ReshapeOracleTest {
    private static final long MEMBER_BYTES = 12 << 20;

    /** Ends the job, with the power, once the reshape is between the two array sectors. */
    private static final String CUT = """
            until read -r at </sys/block/md0/md/reshape_position && [ "$at" != none ] && [ $at -gt 2000 ] \\
                && [ $at -lt 50000 ]; do
              sleep 0.02
            done
            touch POWER
            sleep 60
            """;

    /** The reshape, and {@code gone}: which device is not there when mdfuse reads, or -1. */
    enum Reshape {
        GROWING(false, false, 3, 4, -1, "-l5 -c32 --layout=ra --data-offset=4M", "--raid-devices=4"),
        TWO_ADDED(false, false, 4, 6, 1, "-l6 -c64 --data-offset=4M", "--raid-devices=6"),
        LEVEL_4(false, false, 3, 4, 0, "-l4 -c16 --data-offset=4M", "--raid-devices=4"),
        OLD_METADATA(false, false, 3, 5, 4, "-e0.90 -l5 -c16 --layout=la", "--raid-devices=5"),
        WITH_BITMAP(true, true, 4, 5, -1, "-e1.0 -l6 -c16 --layout=ddf-zero-restart", "--raid-devices=5"),
        SHRINKING(false, true, 5, 5, 2, "-l5 -c16 --layout=la", "--raid-devices=4 --backup-file=BACKUP");

        private final boolean newest;
        private final boolean newestCompletes;
        private final int before;
        private final int disks;
        private final int gone;
        private final String create;
        private final String grow;

        Reshape(boolean newest, boolean newestCompletes, int before, int disks, int gone, String create, String grow) {
            this.newest = newest;
            this.newestCompletes = newestCompletes;
            this.before = before;
            this.disks = disks;
            this.gone = gone;
            this.create = create;
            this.grow = grow;
        }

        private String bitmap() {
            return this == WITH_BITMAP ? "internal" : "none";
        }

        private String shrink() {
            return this == SHRINKING ? "mdadm --grow /dev/md0 --array-size=33792 >&2\n" : "";
        }
    }

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
        Needs.newestOracle();
    }

    private static void begin(Reshape reshape, Images images, ScratchDirectory scratch, Path written)
            throws IOException {
        begin(
                reshape.newest,
                "-n%d --bitmap=%s %s \"${@:1:%d}\""
                        .formatted(reshape.before, reshape.bitmap(), reshape.create, reshape.before),
                (reshape.disks > reshape.before
                                ? "mdadm --add /dev/md0 \"${@:%d}\" >&2\n".formatted(reshape.before + 1)
                                : "")
                        + reshape.shrink() + "mdadm --grow /dev/md0 " + reshape.grow + " >&2\n"
                        + CUT,
                images,
                scratch,
                written);
    }

    private static void begin(
            boolean newest, String create, String reshape, Images images, ScratchDirectory scratch, Path written)
            throws IOException {
        Path power = scratch.path("power");
        String job = """
                set -e
                echo y | mdadm --create /dev/md0 --run --assume-clean CREATE >&2
                dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null || true
                mkfs.ext4 -q -F /dev/md0 8M 2>/dev/null
                dd if=/dev/md0 of=WRITTEN bs=1M 2>/dev/null
                # An array that is not clean when power fails is not read without a member unless it is forced.
                until grep -qx clean /sys/block/md0/md/array_state; do sleep 0.02; done
                echo 2000 >/sys/block/md0/md/sync_speed_max; echo 100 >/sys/block/md0/md/sync_speed_min
                """.replace("CREATE", create) + reshape;
        job = job.replace("WRITTEN", written.toString())
                .replace("BACKUP", scratch.path("backup").toString())
                .replace("POWER", power.toString());
        if (newest) {
            Oracle.crashNewest(job, images.all(), power);
        } else {
            Oracle.crash(job, images.all(), power);
        }
    }

    private static byte[] read(Images images, int gone, ScratchDirectory scratch, String words) throws IOException {
        List<Path> given = new ArrayList<>(images.members());
        if (gone >= 0) {
            given.remove(gone);
        }
        Map<String, String> before = images.digests();
        try (MountedArray array = MountedArray.mount(given, scratch.path("mnt"), "--read-only", "--run")) {
            assertTrue(array.startMessages().contains(words), array.startMessages());
            byte[] content = Files.readAllBytes(array.volume());
            array.unmount();
            assertEquals(before, images.digests());
            return content;
        }
    }

    private static void assertBegins(Path file, byte[] content, String words) throws IOException {
        byte[] all = Files.readAllBytes(file);
        assertTrue(content.length > 1 << 20 && all.length >= content.length, words + ": " + content.length);
        assertEquals(-1, Arrays.mismatch(Arrays.copyOf(all, content.length), content), words);
    }

    @ParameterizedTest
    @EnumSource
    void itIsReadAsMdCompletesIt(Reshape reshape) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), reshape.disks, MEMBER_BYTES, 0);
            Path written = scratch.path("written");
            begin(reshape, images, scratch, written);
            byte[] content = read(images, reshape.gone, scratch, "a reshape is in progress");
            assertBegins(written, content, "as written");
            Path completed = scratch.path("completed");
            String complete = """
                    mdadm --assemble --run --force BACKUP /dev/md0 "$@" >&2 || exit 1
                    until grep -q none /sys/block/md0/md/reshape_position; do sleep 0.02; done
                    dd if=/dev/md0 of=COMPLETED bs=1M 2>/dev/null
                    mdadm --stop /dev/md0 >&2
                    """.replace("COMPLETED", completed.toString()).replace(
                    "BACKUP", Files.exists(scratch.path("backup")) ? "--backup-file=" + scratch.path("backup") : "");
            if (reshape.newestCompletes) {
                Oracle.runNewest(complete, images.all());
            } else {
                Oracle.run(complete, images.all());
            }
            assertBegins(completed, content, "as completed");
        }
    }

    /**
     * mdadm 4.6 records level 5 as soon as it reshapes a RAID-6 for it, and after a power cut md does not start the
     * array any more.
     */
    @Test
    void aRaid6ThatMdDoesNotStartAgainIsRead() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 6, MEMBER_BYTES, 0);
            Path written = scratch.path("written");
            begin(
                    true,
                    "-n5 -l6 -c32 --bitmap=none --data-offset=4M \"${@:1:5}\"",
                    "mdadm --add /dev/md0 $6 >&2\nmdadm --grow /dev/md0 --level=5 --raid-devices=5 >&2\n" + CUT,
                    images,
                    scratch,
                    written);
            byte[] content = read(images, 3, scratch, "already name level 5");
            assertBegins(written, content, "as written");
            String assemble = "mdadm --assemble --run --force /dev/md0 \"$@\" >&2; echo $?";
            assertNotEquals(
                    "0", Oracle.runNewest(assemble, images.all()).output().strip());
        }
    }
}
