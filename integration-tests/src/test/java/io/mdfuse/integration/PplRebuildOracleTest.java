package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Arrays with partial parity logs that end in the middle of a rebuild, stopped or killed under load: the real driver
 * and mdfuse recover the same content, and continue the rebuild.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class PplRebuildOracleTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    @ParameterizedTest
    @CsvSource({"1.2, false", "1.2, true", "1.0, true"})
    void mdAndMdfuseRecoverAHalfRebuiltArrayAlike(String metadata, boolean killed) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images =
                    PolicyOracleTest.create(scratch.path("images"), "-k ppl -c 16K --assume-clean -e " + metadata);
            Path old = images.members().get(1);
            Path next = images.directory().resolve("next.img");
            Images.sparse(next, Files.size(old));
            CrashLoad load = new CrashLoad(System.nanoTime());
            List<WriteLog> logs = List.of();
            long volumeBytes;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                volumeBytes = Files.size(array.volume());
                PatternWriter.fill(array.volume(), load.pattern());
                array.setAttribute("sync_speed_min", "1000");
                array.setAttribute("sync_speed_max", "2000");
                new MemberVerbs(array).startRebuild(old, next);
                if (killed) {
                    logs = load.runAndKill(array);
                } else {
                    array.unmount();
                }
            }
            Files.move(next, old, StandardCopyOption.REPLACE_EXISTING);
            String words = Command.run("mdadm", "--examine", old.toString()).output();
            assertTrue(words.contains("Recovery Offset :"), words);
            Images copy = images.copyTo(scratch.path("copy"));
            String sha256;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--run")) {
                PatternCheck.Findings findings =
                        new PatternCheck(load.pattern(), volumeBytes).check(array.volume(), logs);
                assertTrue(findings.foreign() == 0 && findings.lost() == 0, findings::toString);
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.awaitWhole();
                verbs.run("check").orFail();
                sha256 = Digests.sha256(array.volume());
                array.unmount();
            }
            Oracle.Verdict right = new Oracle.Verdict(sha256, 0);
            assertEquals(List.of(right, right), Oracle.judge(List.of(images, copy)));
        }
    }
}
