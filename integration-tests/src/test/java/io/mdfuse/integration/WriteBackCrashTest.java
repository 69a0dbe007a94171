package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Arrays in write-back mode, killed under load: what mdfuse recovers is compared byte for byte with what was written,
 * and with what the real driver recovers from a copy. md hangs while it assembles some journals with data-only stripes
 * (seen with Linux 6.1.192, 6.12.117 and 7.3.4), so each of its runs has a limit; a run that reaches the limit gives no
 * verdict, and is counted and reported. Such journals occur here by chance and none is kept; {@link
 * FullCacheRecoveryTest} makes them on purpose and does without md. MDFUSE_CRASHES sets how many crashes there are.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class WriteBackCrashTest {
    private static final int CRASHES = Integer.parseInt(System.getenv().getOrDefault("MDFUSE_CRASHES", "6"));

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @Test
    void mdRecoversWhatMdfuseRecoversIfItGivesAVerdict() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int withoutVerdict = 0;
        for (int i = 0; i < CRASHES; i++) {
            TestArrayShape shape = TestArrayShape.random(random, true);
            String words = "seed " + seed + ", crash " + i + ", " + shape;
            try (ScratchDirectory scratch = ScratchDirectory.create()) {
                Images images = shape.create(scratch.path("array"));
                CrashLoad load = new CrashLoad(seed + i);
                OurCrash crash =
                        OurCrash.of(images, load, scratch.path("mnt"), true, words, "--journal-mode", "write-back");
                Optional<Oracle.Verdict> md = Oracle.judgeWithinLimit(crash.copy());
                withoutVerdict += md.isEmpty() ? 1 : 0;
                md.ifPresent(verdict -> assertEquals(crash.recovered(), verdict, words));
            }
        }
        System.out.println("write-back crashes: " + CRASHES + ", of which md gives no verdict on " + withoutVerdict);
    }
}
