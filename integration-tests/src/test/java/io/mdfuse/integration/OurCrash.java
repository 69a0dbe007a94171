package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An array of mdfuse whose serving process was killed under load, and what mdfuse recovers of it.
 *
 * @param copy the images as the kill left them
 * @param recovered the array's content after mdfuse's recovery
 */
record OurCrash(Images copy, Oracle.Verdict recovered) {
    /**
     * Fills an array, kills its server under load, and recovers it. Fails if flushed data is lost or torn.
     *
     * @param journal whether the array has a journal: only then is a block that is being written never torn
     * @param words the array's name in a failure message
     */
    static OurCrash of(Images images, CrashLoad load, Path mountPoint, boolean journal, String words, String... options)
            throws IOException {
        PatternCheck check;
        List<WriteLog> logs;
        try (MountedArray array = MountedArray.mount(images, mountPoint, options)) {
            PatternWriter.fill(array.volume(), load.pattern());
            check = new PatternCheck(load.pattern(), Files.size(array.volume()));
            logs = load.runAndKill(array);
        }
        Images copy = images.copyTo(images.directory().resolve("copy"));
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            PatternCheck.Findings findings = check.check(array.volume(), logs);
            boolean held = journal ? findings.sound() : findings.foreign() == 0 && findings.lost() == 0;
            assertTrue(held, () -> words + ": " + findings);
            String sha256 = Digests.sha256(array.volume());
            array.unmount();
            return new OurCrash(copy, new Oracle.Verdict(sha256, 0));
        }
    }
}
