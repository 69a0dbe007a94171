package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The serving process is killed under load several times on the same array. */
@Execution(ExecutionMode.CONCURRENT)
class PowerCutTest {
    private static final int CYCLES = 25;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @Test
    void nothingFlushedIsLostAndNoBlockIsTornInManyCycles() throws IOException {
        long seed = System.nanoTime();
        CrashLoad load = new CrashLoad(seed);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            MountedArray array = MountedArray.mount(images, scratch.path("mnt"));
            try {
                PatternWriter.fill(array.volume(), load.pattern());
                PatternCheck check = new PatternCheck(load.pattern(), Files.size(array.volume()));
                for (int cycle = 1; cycle <= CYCLES; cycle++) {
                    var logs = load.runAndKill(array);
                    array = MountedArray.mount(images, scratch.path("mnt"));
                    PatternCheck.Findings findings = check.check(array.volume(), logs);
                    int number = cycle;
                    assertTrue(findings.sound(), () -> "seed " + seed + ", cycle " + number + ": " + findings);
                }
                array.unmount();
            } finally {
                array.close();
            }
        }
    }
}
