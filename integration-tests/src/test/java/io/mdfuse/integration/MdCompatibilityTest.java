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

/** Arrays that mdfuse made, or that it left in a crash, assembled by the real driver. */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class MdCompatibilityTest {
    private static final int CRASHES = 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @Test
    void mdReadsWhatWasWrittenAndUnmounted() throws IOException {
        List<TestArrayShape> shapes = List.of(
                new TestArrayShape(5, 3, 512, "left-symmetric", "1.2", false),
                new TestArrayShape(5, 4, 64, "left-symmetric", "1.2", true),
                new TestArrayShape(5, 5, 4, "left-asymmetric", "1.0", false),
                new TestArrayShape(5, 4, 16, "right-asymmetric", "1.1", true),
                new TestArrayShape(5, 3, 32, "right-symmetric", "1.1", false),
                new TestArrayShape(5, 4, 8, "parity-first", "1.2", true),
                new TestArrayShape(5, 4, 128, "parity-last", "1.0", false),
                new TestArrayShape(4, 4, 64, "", "1.2", true),
                new TestArrayShape(6, 4, 64, "left-symmetric", "1.2", true),
                new TestArrayShape(6, 5, 16, "ddf-zero-restart", "1.2", true),
                new TestArrayShape(6, 6, 8, "ddf-N-restart", "1.1", false),
                new TestArrayShape(6, 5, 32, "ddf-N-continue", "1.2", true),
                new TestArrayShape(6, 6, 64, "right-asymmetric", "1.0", false),
                new TestArrayShape(6, 5, 4, "left-asymmetric-6", "1.2", false),
                new TestArrayShape(6, 7, 128, "right-symmetric-6", "1.1", true));
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (TestArrayShape shape : shapes) {
                Images images = shape.create(scratch.path("array" + arrays.size()));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    PatternWriter.fill(array.volume(), new WorkPattern(arrays.size()));
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
                arrays.add(images);
            }
            assertEquals(ours, Oracle.judge(arrays), shapes::toString);
        }
    }

    /**
     * Twenty arrays, the server of each killed once under load: md and mdfuse recover the same from copies of the same
     * images.
     */
    @Test
    void mdAndMdfuseRecoverTheSameFromCrashesOfMdfuse() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> copies = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            List<String> words = new ArrayList<>();
            for (int i = 0; i < CRASHES; i++) {
                boolean journal = i % 4 != 0;
                TestArrayShape shape = TestArrayShape.random(random, journal);
                CrashLoad load = new CrashLoad(seed + i);
                words.add("seed " + (seed + i) + " " + shape);
                Path directory = scratch.path("array" + i);
                Images images = shape.create(directory);
                OurCrash crash = OurCrash.of(images, load, scratch.path("mnt"), journal, words.getLast());
                copies.add(crash.copy());
                ours.add(crash.recovered());
            }
            List<Oracle.Verdict> md = Oracle.judge(copies);
            for (int i = 0; i < CRASHES; i++) {
                assertEquals(ours.get(i), md.get(i), words.get(i));
            }
        }
    }
}
