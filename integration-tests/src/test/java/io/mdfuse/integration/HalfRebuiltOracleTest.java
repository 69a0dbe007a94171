package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Arrays whose rebuild was interrupted: md continues a rebuild of mdfuse and the reverse, from where the rebuild
 * stopped, with the same content.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class HalfRebuiltOracleTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @ParameterizedTest
    @CsvSource({"4, false, ''", "5, true, ''", "6, false, ddf-N-continue", "6, true, ''"})
    void mdContinuesARebuildOfMdfuse(int level, boolean journal, String layout) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(level, 5, 64, layout, "1.2", journal).create(scratch.path("images"));
            Path next = images.directory().resolve("next.img");
            Images.sparse(next, TestArrayShape.MEMBER_BYTES);
            Path old = images.members().get(1);
            String sha256;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(5));
                array.setAttribute("sync_speed_max", "2000");
                new MemberVerbs(array).startRebuild(old, next);
                sha256 = Digests.sha256(array.volume());
                array.unmount();
            }
            Files.move(next, old, StandardCopyOption.REPLACE_EXISTING);
            long offset = recoveryOffset(old);
            String job = """
                    echo 500 >/proc/sys/dev/raid/speed_limit_max; echo 100 >/proc/sys/dev/raid/speed_limit_min
                    mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
                    # For a moment after its start, md says 0 wherever it begins.
                    until read -r at _ </sys/block/md0/md/sync_completed && [ "$at" != none ] && [ $at != 0 ]; do
                      sleep 0.02
                    done
                    echo $at
                    mdadm --stop /dev/md0 >&2
                    """;
            Images copy = images.copyTo(scratch.path("copy"));
            long resumedAt = Long.parseLong(Oracle.run(job, copy.all()).output().strip());
            assertTrue(resumedAt >= offset, "md went on at " + resumedAt + ", ours had come to " + offset);
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    @ParameterizedTest
    @CsvSource({"4, ''", "5, --bitmap=internal", "5, --consistency-policy=ppl", "6, --layout=ddf-zero-restart", "6, ''"
    })
    void mdfuseContinuesARebuildOfMd(int level, String option) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 5, TestArrayShape.MEMBER_BYTES, 0);
            String job = """
                    set -e
                    mdadm --create /dev/md0 --run --assume-clean --level=%d --raid-devices=5 --chunk=16 %s "$@" <<<y >&2
                    seq 100000000 | dd of=/dev/md0 bs=1M status=none iflag=fullblock 2>/dev/null || true
                    sha256sum </dev/md0 | cut -d' ' -f1
                    mdadm --fail /dev/md0 $2 >&2; mdadm --remove /dev/md0 $2 >&2
                    mdadm --zero-superblock $2 >&2
                    echo 2000 >/proc/sys/dev/raid/speed_limit_max; echo 100 >/proc/sys/dev/raid/speed_limit_min
                    mdadm --add /dev/md0 $2 >&2
                    until read -r at _ </sys/block/md0/md/sync_completed && [ "$at" != none ] && [ $at -gt 2000 ]; do
                      sleep 0.02
                    done
                    mdadm --stop /dev/md0 >&2
                    """.formatted(level, option);
            String sha256 = Oracle.run(job, images.all()).output().strip();
            long offset = recoveryOffset(images.members().get(1));
            assertTrue(offset >= 1000, () -> "md had come to " + offset);
            // mdfuse has to begin there, not at 0: the test corrupts the part that md has rebuilt, and that part must
            // stay corrupt.
            Images spoiled = images.copyTo(scratch.path("spoiled"));
            long dataOffset = dataOffset(images.members().get(1));
            Images.flip(spoiled.members().get(1), (dataOffset + 8) * 512);
            try (MountedArray array = MountedArray.mount(spoiled, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.awaitWhole();
                assertEquals(1, verbs.run("check").exitStatus());
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                assertEquals(sha256, Digests.sha256(array.volume()));
                verbs.awaitWhole();
                verbs.run("check").orFail();
                array.unmount();
            }
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    /** The recovery offset of the member as mdadm shows it, in sectors. */
    private static long recoveryOffset(Path member) throws IOException {
        return examined(member, "Recovery Offset");
    }

    private static long dataOffset(Path member) throws IOException {
        return examined(member, "Data Offset");
    }

    private static long examined(Path member, String what) throws IOException {
        String words = Command.run("mdadm", "--examine", member.toString()).output();
        Matcher found = Pattern.compile(what + " : (\\d+) sectors").matcher(words);
        assertTrue(found.find(), words);
        return Long.parseLong(found.group(1));
    }
}
