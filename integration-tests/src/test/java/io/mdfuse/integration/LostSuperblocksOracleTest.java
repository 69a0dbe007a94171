package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Arrays that md made, with an ext4, whose superblocks were zeroed or made again with a wrong shape. One device is
 * missing. The first candidate of {@code mdfuse recover} is the volume that md had.
 */
@Tag("oracle")
class LostSuperblocksOracleTest {
    private static final long MEBIBYTE = 1 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
        Needs.program("mkfs.ext4", "e2fsprogs");
    }

    /** The devices that are left are given in the order that {@code left} says, by slot. */
    @ParameterizedTest
    @CsvSource({
        "5, -l6 -c16 --layout=right-asymmetric, 4 0 3 1, ''",
        "4, -l4 -c128, 2 3 0, ''",
        "4, -l5 -c32 --layout=right-symmetric, 3 0 2, -l5 -c256 -n4 $3 missing $1 $4",
    })
    void theFirstCandidateIsTheVolume(int disks, String shape, String left, String wrongCreate) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), disks, 40 * MEBIBYTE, 0);
            Path content = scratch.path("content");
            Images.sparse(content, 72 * MEBIBYTE);
            String sources = Project.root().resolve("raid-engine/src").toString();
            Command.run("mkfs.ext4", "-q", "-F", "-b", "4096", "-d", sources, content.toString())
                    .orFail();
            String job = """
                    set -e
                    mdadm --create /dev/md0 --run --assume-clean --bitmap=none -n%d %s "$@" >&2
                    dd if=%s of=/dev/md0 bs=1M oflag=direct 2>/dev/null
                    sha256sum </dev/md0 | cut -d' ' -f1
                    mdadm --stop /dev/md0 >&2
                    mdadm --zero-superblock "$@"
                    wrong='%s'
                    [ -z "$wrong" ] || {
                      yes | mdadm --create /dev/md0 --run --assume-clean --bitmap=none %s >&2
                      mdadm --stop /dev/md0 >&2
                    }
                    """.formatted(disks, shape, content, wrongCreate, wrongCreate);
            String sha256 = Oracle.run(job, images.members()).output().strip();
            List<Path> given = left.chars()
                    .filter(Character::isDigit)
                    .mapToObj(slot -> images.members().get(slot - '0'))
                    .toList();
            Command.Result result = RecoverRun.of(given).orFail();
            assertEquals(sha256, RecoverRun.contentOfFirst(result, scratch.path("found")), result::toString);
        }
    }
}
