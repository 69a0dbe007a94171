package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.writepath.LogNeeds;
import io.mdfuse.soak.Soak;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The soak of {@code make soak}, for twenty seconds: the smallest journal and the smallest cache under random writes.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SoakTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @Test
    void theSmallestJournalAndCacheServeAnyLoad() throws IOException, InterruptedException {
        Images images = Images.blank(directory.resolve("images"), Soak.MEMBERS, 16 << 20, Soak.smallestJournalBytes());
        images.create(5, "--chunk", "64K");
        Path mountPoint = directory.resolve("mnt");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Soak soak;
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
                MountedArray mounted = MountedArray.mount(
                        images,
                        mountPoint,
                        "--journal-mode",
                        "write-back",
                        "--stripe-cache-size",
                        "" + LogNeeds.LEAST_CACHED_STRIPES)) {
            soak = new Soak(
                    mounted.volume(),
                    Files.size(mounted.volume()),
                    mounted.server().pid(),
                    out);
            soak.run(Duration.ofSeconds(20));
            assertEquals("write-back", attribute(mounted.volume(), "journal_mode"), "it has not fallen back meanwhile");
            assertEquals("17", attribute(mounted.volume(), "stripe_cache_size"));
            mounted.unmount();
        }
        assertTrue(soak.writes() > 200, "hardly anything was written:\n" + said);
        assertTrue(soak.heapIsFlat(), said.toString(StandardCharsets.UTF_8));
        // A leak of each write's bytes would show even in so short a time; make soak watches longer and closer.
        assertTrue(soak.mostResidentKib() < 256 << 10, said.toString(StandardCharsets.UTF_8));
        try (MountedArray mounted = MountedArray.mount(images, mountPoint)) {
            soak.verify();
            mounted.unmount();
        }
    }

    private static String attribute(Path volume, String name) throws IOException {
        Object value = Files.getAttribute(volume, "user:md." + name);
        return new String((byte[]) value, StandardCharsets.UTF_8);
    }
}
