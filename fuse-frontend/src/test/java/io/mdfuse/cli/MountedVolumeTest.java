package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.fuse.MemoryVolume;
import io.mdfuse.fuse.ScratchMount;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a command sees of a mounted array from outside, while the array is in use. */
class MountedVolumeTest {
    private static final int LOOKS = 50;
    private static final String LONG = "9".repeat(10_000);

    private final MemoryVolume volume = new MemoryVolume("vol", 1 << 20);
    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void aValueThatGrowsBetweenTwoCallsIsReadAsItIs() throws Exception {
        volume.alsoShow(() -> Map.of("sync_speed", looks.incrementAndGet() % 2 == 0 ? LONG : "none"));
        try (ScratchMount mount = new ScratchMount(volume)) {
            MountedVolume mounted = MountedVolume.at(mount.directory());
            for (int i = 0; i < LOOKS; i++) {
                int length = mounted.attributes().getOrDefault("sync_speed", "").length();
                assertEquals(length == 4 ? 4 : LONG.length(), length);
            }
        }
    }

    @Test
    void anAttributeThatDisappearsAfterTheListingIsOmitted() throws Exception {
        volume.alsoShow(() -> looks.incrementAndGet() % 3 == 0 ? Map.of("rd1_bad_blocks", "8 8") : Map.of());
        try (ScratchMount mount = new ScratchMount(volume)) {
            MountedVolume mounted = MountedVolume.at(mount.directory());
            for (int i = 0; i < LOOKS; i++) {
                assertEquals("raid5", mounted.attributes().get("level"));
            }
        }
    }
}
