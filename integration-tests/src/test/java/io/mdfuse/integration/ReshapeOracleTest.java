package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A reshape that md begins here, unlike those of the fixtures: from three disks to four, with the power cut in the
 * middle. What mdfuse reads then is what md has after it has completed the reshape, and what was written before it.
 */
@Tag("oracle")
class ReshapeOracleTest {
    private static final long MEBIBYTE = 1 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @Test
    void aGrowingArrayIsReadAsMdCompletesIt() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 4, 16 * MEBIBYTE, 0);
            Path written = scratch.path("written");
            Path power = scratch.path("power");
            String begin = """
                    set -e
                    mdadm --create /dev/md0 --run --assume-clean -l5 -n3 -c32 --layout=ra --bitmap=none \\
                      --data-offset=4M $1 $2 $3 >&2
                    seq 100000000 | dd of=/dev/md0 bs=1M count=24 iflag=fullblock oflag=direct 2>/dev/null
                    sha256sum </dev/md0 | cut -d' ' -f1 >WRITTEN
                    echo 500 >/sys/block/md0/md/sync_speed_max; echo 100 >/sys/block/md0/md/sync_speed_min
                    mdadm --add /dev/md0 $4 >&2
                    mdadm --grow /dev/md0 --raid-devices=4 >&2
                    until read -r at </sys/block/md0/md/reshape_position && [ "$at" != none ] && [ $at -gt 12000 ]; do
                      sleep 0.02
                    done
                    touch POWER
                    sleep 60
                    """.replace("WRITTEN", written.toString()).replace("POWER", power.toString());
            Oracle.crash(begin, images.all(), power);
            String sha256 = Files.readString(written).strip();
            String examined = Command.run(List.of(
                            Project.mdfuse().toString(),
                            "examine",
                            images.members().getFirst().toString()))
                    .orFail()
                    .output();
            assertTrue(examined.contains("Delta Devices : 1 (3->4)"), examined);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(24 * MEBIBYTE, Files.size(array.volume()));
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
            String complete = """
                    mdadm --assemble --run --force /dev/md0 "$@" >&2 || exit 1
                    until grep -q none /sys/block/md0/md/reshape_position; do sleep 0.02; done
                    head -c 24M /dev/md0 | sha256sum | cut -d' ' -f1
                    mdadm --stop /dev/md0 >&2
                    """;
            assertEquals(sha256, Oracle.run(complete, images.all()).output().strip());
        }
    }
}
