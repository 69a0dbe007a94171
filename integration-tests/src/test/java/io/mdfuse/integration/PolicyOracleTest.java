package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays with a write-intent bitmap or a partial parity log, passed to the real driver and back. */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class PolicyOracleTest {
    private static final int MEMBERS = 4;
    private static final long MEMBER_BYTES = 8 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    /** A RAID-5 of four members of 8 MiB, as {@code mdfuse create} makes it with these options. */
    static Images create(Path directory, String options) throws IOException {
        return Images.blank(directory, MEMBERS, MEMBER_BYTES, 0).create(5, options.split(" ", -1));
    }

    /** What mdadm shows of the area on the first member, and md's log lines at the start; then md's verdict. */
    private static List<String> mdsWords(Images images) throws IOException {
        String job = """
                mdadm --examine-bitmap $1 | sed -n 's/^ *\\(State\\|Events\\|Bitmap\\) : /\\1 /p'
                mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
                cat /sys/block/md0/md/consistency_policy
                dmesg | grep -i 'out of date\\|stale\\|not clean\\|ppl.*mismatch'
                mdadm --stop /dev/md0 >&2
                """;
        return Oracle.run(job, images.all()).output().lines().toList();
    }

    /**
     * The same lines that mdadm shows, for a clean bitmap, for one that a power loss left dirty, and for one of a 0.90
     * superblock.
     */
    @ParameterizedTest
    @ValueSource(strings = {"r5-meta10-bitmap-clean", "r5-bitmap-power", "r5-meta090-bitmap-power"})
    void examineShowsOfABitmapWhatMdadmShows(String name) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named(name).unpack(scratch.path("images"));
            // Of a plain file mdadm expects that the file is the bitmap, so the images are block devices here.
            String job = "for image in \"$@\"; do mdadm --examine-bitmap $image; echo; done";
            String[] shown = Oracle.run(job, images.members()).output().split("\n\n", -1);
            for (int slot = 0; slot < images.members().size(); slot++) {
                List<String> theirs = shown[slot].lines().skip(1).toList();
                List<String> ours = Verb.run(
                                "examine", "--bitmap", images.members().get(slot))
                        .orFail()
                        .output()
                        .lines()
                        .skip(1)
                        .toList();
                assertTrue(theirs.size() > 10, theirs::toString);
                assertEquals(theirs, ours);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-b internal -c 64K", "-b internal --bitmap-chunk 64K -c 16K -e 1.0", "-b internal -e 1.1"})
    void mdReadsAndTrustsBitmapsOfMdfuse(String options) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = create(scratch.path("images"), options);
            String sha256;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(3));
                sha256 = Digests.sha256(array.volume());
                array.unmount();
            }
            List<String> words = mdsWords(images.copyTo(scratch.path("copy")));
            assertTrue(words.toString().contains(" 0 dirty (0.0%), bitmap]"), words::toString);
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    /**
     * The server is killed under load; the test then corrupts parity in a region that was not written to. md corrects
     * the regions that the bitmap marks and no others: its check finds exactly the eight corrupted sectors. The same
     * with mdfuse.
     */
    @Test
    void afterACrashOfMdfuseOnlyDirtyRegionsAreResynced() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = create(scratch.path("images"), "-b internal --bitmap-chunk 64K -c 64K --assume-clean");
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                try (RandomAccessFile file = new RandomAccessFile(array.volume().toFile(), "rwd")) {
                    file.write(new byte[] {1, 2, 3});
                }
                array.kill();
            }
            Images copy = images.copyTo(scratch.path("copy"));
            long dataOffset = 2048 * 512;
            for (Images each : List.of(images, copy)) {
                Images.flip(each.members().getFirst(), dataOffset + 8192);
                Images.flip(each.members().getFirst(), dataOffset + (1 << 20));
            }
            assertEquals(8, Oracle.judge(copy).mismatchCount());
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertTrue(array.startMessages().contains("those regions"), array::startMessages);
                array.unmount();
            }
            assertEquals(8, Oracle.judge(images).mismatchCount());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-b internal --bitmap-chunk 64K -c 16K", "-k ppl -c 16K", "-k ppl -c 4K -e 1.0"})
    void mdRecoversWhatMdfuseRecoversFromItsCrashes(String options) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> copies = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (int crash = 0; crash < 2; crash++) {
                Images images = create(scratch.path("array" + crash), options + " --assume-clean");
                CrashLoad load = new CrashLoad(System.nanoTime());
                List<WriteLog> logs;
                long volumeBytes;
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    volumeBytes = Files.size(array.volume());
                    PatternWriter.fill(array.volume(), load.pattern());
                    logs = load.runAndKill(array);
                }
                copies.add(images.copyTo(scratch.path("copy" + crash)));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    PatternCheck.Findings findings =
                            new PatternCheck(load.pattern(), volumeBytes).check(array.volume(), logs);
                    assertTrue(findings.foreign() == 0 && findings.lost() == 0, findings::toString);
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
                copies.add(images);
                ours.add(ours.getLast());
            }
            assertEquals(ours, Oracle.judge(copies));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--bitmap=internal --bitmap-chunk=64K", "--consistency-policy=ppl"})
    void mdfuseRecoversWhatMdRecoversFromItsCrashes(String options) throws IOException {
        Needs.program("fio", "fio");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> copies = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (int crash = 0; crash < 2; crash++) {
                Images images = Images.blank(scratch.path("md" + crash), MEMBERS, MEMBER_BYTES, 0);
                Path power = scratch.path("power" + crash);
                String job = """
                        echo y | mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=4 \\
                          --chunk=16 %s \\
                          "$@" >&2 || exit 1
                        (sleep 0.%d; touch %s) &
                        fio --name=load --filename=/dev/md0 --rw=randwrite --bsrange=512-128k \\
                          --blockalign=512 --direct=1 \\
                          --ioengine=libaio --iodepth=8 --time_based --runtime=60 --fsync=16 >&2
                        """.formatted(options, 3 + 3 * crash, power);
                Oracle.crash(job, images.all(), power);
                copies.add(images.copyTo(scratch.path("copy" + crash)));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
                copies.add(images);
                ours.add(ours.getLast());
            }
            assertEquals(ours, Oracle.judge(copies));
        }
    }
}
