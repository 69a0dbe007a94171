package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Arrays of the real driver whose power was cut under load, recovered by mdfuse. */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class MdCrashTest {
    private static final int CRASHES = 5;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
        Needs.program("fio", "fio");
    }

    @Test
    void mdfuseRecoversWhatMdRecoversFromItsCrashes() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> copies = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            List<String> words = new ArrayList<>();
            for (int i = 0; i < CRASHES; i++) {
                TestArrayShape shape = TestArrayShape.random(random, true);
                words.add("seed " + seed + ", crash " + i + ", " + shape);
                Images images = crashMd(shape, scratch, i, random);
                copies.add(images.copyTo(images.directory().resolve("copy")));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
            }
            List<Oracle.Verdict> md = Oracle.judge(copies);
            for (int i = 0; i < CRASHES; i++) {
                assertEquals(md.get(i), ours.get(i), words.get(i));
            }
        }
    }

    private static Images crashMd(TestArrayShape shape, ScratchDirectory scratch, int number, Random random)
            throws IOException {
        Images images = Images.blank(
                scratch.path("md" + number),
                shape.members(),
                TestArrayShape.MEMBER_BYTES,
                TestArrayShape.JOURNAL_BYTES);
        Path power = scratch.path("power" + number);
        String layout = shape.layout().isEmpty() ? "" : " --layout=" + shape.layout();
        String job = """
                members=("${@:1:%d}") journal=${@: -1}
                echo y | mdadm --create /dev/md0 --run --assume-clean --level=%d --raid-devices=%d --chunk=%d%s \\
                  --metadata=%s --write-journal=$journal "${members[@]}" >&2 || exit 1
                (sleep 0.%d; touch %s) &
                fio --name=load --filename=/dev/md0 --rw=randwrite --bsrange=512-128k --blockalign=512 --direct=1 \\
                  --ioengine=libaio --iodepth=8 --randseed=%d --time_based --runtime=60 --fsync=16 >&2
                """.formatted(
                        shape.members(),
                        shape.level(),
                        shape.members(),
                        shape.chunkKib(),
                        layout,
                        shape.metadata(),
                        3 + random.nextInt(6),
                        power,
                        random.nextInt(1 << 20));
        Oracle.crash(job, images.all(), power);
        return images;
    }
}
