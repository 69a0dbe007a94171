package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reshapes that the real driver was stopped in: the content is what md has after it has completed the reshape. The
 * fixture's sha256 is that of a volume of the size before.
 */
class ReshapeMountTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("xz", "xz-utils");
    }

    /** A column: the fixture, and the member that is not given, or -1. */
    @ParameterizedTest
    @CsvSource({
        "r5-reshape-4to5, -1",
        "r5-reshape-4to5, 2",
        "r5-reshape-4to5, 4",
        "r5-reshape-chunk, -1",
        "r5-reshape-chunk, 0",
        "r5-reshape-to6, -1",
        "r5-reshape-to6, 1"
    })
    void readsWhatMdHasAfterTheReshape(String name, int left) throws IOException {
        Fixture fixture = Fixture.named(name);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            List<Path> members = new ArrayList<>(images.members());
            if (left >= 0) {
                members.remove(left);
            }
            Map<String, String> before = images.digests();
            Images given = new Images(images.directory(), members, null);
            try (MountedArray array = MountedArray.mount(given, scratch.path("mnt"), "--read-only", "--run")) {
                assertEquals(fixture.recoveredSha256(), Digests.sha256(array.volume()));
                array.unmount();
            }
            assertEquals(before, images.digests());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"r5-reshape-4to5", "r5-reshape-to6"})
    void isNotMountedForWriting(String name) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Fixture.named(name).unpack(scratch.path("images"));
            Map<String, String> before = images.digests();
            Files.createDirectories(scratch.path("mnt"));
            Command.Result result = MountedArray.tryMount(images.all(), scratch.path("mnt"));
            assertEquals(1, result.exitStatus(), result::toString);
            assertTrue(result.error().contains("a reshape is in progress"), result::toString);
            assertTrue(result.error().contains("--read-only"), result::toString);
            assertEquals(before, images.digests());
        }
    }
}
