package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code create} must refuse, above all to overwrite something. */
class CreateRefusalTest {
    private static final long MEMBER_BYTES = 12 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @Test
    void doesNotOverwriteAnArray() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            assertRefused(images, 1, "disk0.img", "5", 4);
        }
    }

    @Test
    void doesNotOverwriteAFileSystem() throws IOException {
        Needs.program("mkfs.ext4", "e2fsprogs");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, MEMBER_BYTES, 0);
            Command.run("mkfs.ext4", "-q", "-F", images.members().get(1).toString())
                    .orFail();
            assertRefused(images, 1, "disk1.img", "5", 3);
        }
    }

    @Test
    void doesNotTakeTooFewDevicesOrTooSmallOnes() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, MEMBER_BYTES, 0);
            assertRefused(images, 1, "4", "5", 4);
            Images small = Images.blank(scratch.path("small"), 3, 64 << 10, 0);
            assertRefused(small, 1, "disk0.img", "5", 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "five", "-1"})
    void doesNotKnowEveryLevel(String level) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, MEMBER_BYTES, 0);
            assertRefused(images, 2, level, level, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate", "mount", "mount --sideways a b", "umount", "create --level 5", "examine"})
    void wrongArgumentsEndWithStatusTwo(String words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString()));
        command.addAll(List.of(words.split(" ", -1)));
        Command.Result result = Command.run(command);
        assertEquals(2, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
    }

    private static void assertRefused(Images images, int status, String mention, String level, int raidDevices)
            throws IOException {
        Map<String, String> before = images.digests();
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "create"));
        command.addAll(List.of("--level=" + level, "--raid-devices", "" + raidDevices));
        images.members().stream().map(Path::toString).forEach(command::add);
        Command.Result result = Command.run(command);
        assertEquals(status, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(mention), () -> "does not name " + mention + ": " + result);
        assertEquals(before, images.digests());
    }
}
