package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arrays of the real driver, stopped cleanly or cut off by power loss, read through a real mount; then md reads the
 * result.
 */
class FixtureTest {
    private static final String DAMAGED_PAGE = "r5-wt-power-badpage";

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("xz", "xz-utils");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r4-wt-power",
                "r5-wt-power",
                "r5-wt-clean",
                "r5-la-clean",
                "r5-ra-clean",
                "r5-rs-clean",
                "r5-meta10-bitmap-clean",
                "r5-bitmap-power",
                "r5-ppl-power",
                "r5-degraded-clean",
                "r5-degraded-wt-power",
                "r6-la-clean",
                "r6-ddf-n-continue-clean",
                "r6-wt-power",
                "r6-wb-power",
                "r6-degraded2-clean",
                "n-r5-clean",
                "n-r5-lbs4096-clean",
                "n-r5-wt-power",
                "n-r6-wb-power",
                "n-r5-llbitmap-clean",
                "n-r5-llbitmap-power",
                "n-r6-llbitmap-degraded-clean"
            })
    void readsWhatMdReads(String name) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            for (String time : List.of("first", "second")) {
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    assertEquals(fixture.recoveredSha256(), Digests.sha256(array.volume()), time + " mount");
                    array.unmount();
                }
            }
        }
    }

    /** md's own P and Q, of layouts with different exponents, solve the content of any two members. */
    @ParameterizedTest
    @ValueSource(strings = {"r6-la-clean", "r6-ddf-n-continue-clean"})
    void readsTheSameWithoutTwoMembers(String name) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            for (int slot = 0; slot < images.members().size(); slot++) {
                List<Path> left = new ArrayList<>(images.members());
                Path one = left.remove(slot);
                Path other = left.remove(slot % left.size());
                Images without = new Images(images.directory(), left, null);
                try (MountedArray array = MountedArray.mount(without, scratch.path("mnt"), "--read-only", "--run")) {
                    assertEquals(
                            fixture.recoveredSha256(),
                            Digests.sha256(array.volume()),
                            () -> "without " + one + " and " + other);
                    array.unmount();
                }
            }
        }
    }

    /**
     * One flipped byte in the journal: md drops everything after it; mdfuse must not lose anything that was flushed.
     */
    @Test
    void oneDamagedJournalPageLosesNothingElse() throws IOException {
        Fixture fixture = Fixture.named(DAMAGED_PAGE);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            WriteLog log = WriteLog.read(images.directory().resolve("writes.log"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternCheck check = new PatternCheck(fixture.pattern(), Files.size(array.volume()));
                PatternCheck.Findings findings = check.check(array.volume(), List.of(log));
                assertEquals(0, findings.foreign(), findings::toString);
                assertEquals(0, findings.lost(), findings::toString);
                array.unmount();
            }
        }
    }

    @Test
    @Tag("oracle")
    void mdReadsTheSameAfterMdfuseAndFindsCorrectParity() throws IOException {
        Needs.oracle();
        List<String> names = List.of(
                "r4-wt-power",
                "r5-wt-power",
                DAMAGED_PAGE,
                "r5-ra-clean",
                "r5-bitmap-power",
                "r5-ppl-power",
                "r6-ddf-n-continue-clean",
                "r6-wt-power",
                "r6-wb-power");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (String name : names) {
                Images images = Fixture.named(name).unpack(scratch.path(name));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
                arrays.add(images);
            }
            assertEquals(ours, Oracle.judge(arrays), names::toString);
        }
    }

    /** Arrays that Linux 7.3 made record a logical block size, which older kernels refuse. */
    @Test
    @Tag("oracle")
    void theNewestMdReadsTheSameAfterMdfuse() throws IOException {
        Needs.newestOracle();
        List<String> names = List.of(
                "n-r5-clean",
                "n-r5-lbs4096-clean",
                "n-r5-wt-power",
                "n-r6-wb-power",
                "n-r5-llbitmap-clean",
                "n-r5-llbitmap-power");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (String name : names) {
                Images images = Fixture.named(name).unpack(scratch.path(name));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
                arrays.add(images);
            }
            assertEquals(ours, Oracle.judgeByNewest(arrays), names::toString);
        }
    }

    /** md can rely on the bitmaps and partial parity logs that mdfuse writes. */
    @Test
    @Tag("oracle")
    void mdRecoversACrashOfMdfuseOnItsArrayWithBitmapOrPartialParityLog() throws IOException {
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> copies = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (String name : List.of("r5-bitmap-power", "r5-ppl-power", "r5-meta10-bitmap-clean")) {
                Images images = Fixture.named(name).unpack(scratch.path(name));
                CrashLoad load = new CrashLoad(name.hashCode());
                List<WriteLog> logs;
                long volumeBytes;
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    volumeBytes = Files.size(array.volume());
                    PatternWriter.fill(array.volume(), load.pattern());
                    logs = load.runAndKill(array);
                }
                copies.add(images.copyTo(scratch.path(name + "-copy")));
                try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                    PatternCheck.Findings findings =
                            new PatternCheck(load.pattern(), volumeBytes).check(array.volume(), logs);
                    // Without a journal a block that is being written may be torn between sectors; flushed data must
                    // not be lost.
                    assertTrue(findings.foreign() == 0 && findings.lost() == 0, findings::toString);
                    ours.add(new Oracle.Verdict(Digests.sha256(array.volume()), 0));
                    array.unmount();
                }
            }
            assertEquals(ours, Oracle.judge(copies));
        }
    }
}
