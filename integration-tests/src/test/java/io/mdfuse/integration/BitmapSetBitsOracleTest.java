package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bitmap_set_bits leaves after a clean unmount, as the real driver understands it. */
@Tag("oracle")
class BitmapSetBitsOracleTest {
    /** How many resyncs md began after the assembly, and its resync_start at the end. */
    private static final String JOB = """
        mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
        sleep 1
        mdadm --wait /dev/md0
        dmesg | grep -c 'md: resync of RAID array'
        cat /sys/block/md0/md/resync_start
        mdadm --stop /dev/md0 >&2
        """;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mdResyncsTheChunksWhoseBitsWereSet(boolean set) throws IOException {
        Needs.mount();
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = PolicyOracleTest.create(
                    scratch.path("images"), "--bitmap internal --bitmap-chunk 1M --assume-clean");
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                if (set) {
                    array.setAttribute("bitmap_set_bits", "2 4-5");
                    assertEquals("4096", array.attribute("resync_start"));
                }
                array.unmount();
            }
            List<String> seen = Oracle.run(JOB, images.all()).output().lines().toList();
            assertEquals(List.of(set ? "1" : "0", "none"), seen);
        }
    }
}
