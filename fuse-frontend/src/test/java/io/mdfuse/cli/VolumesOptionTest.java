package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.blkid.ContentName;
import io.mdfuse.raid.array.content.VolumeContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code --volumes} combines with, and the line about the content that libblkid helps to write. */
class VolumesOptionTest {
    private static List<String> lines(Optional<VolumeContent> content, ContentName name) {
        return new ContentLines(content, false, true, null, Optional.of(name), "").lines(Path.of("/mnt/a"));
    }

    @Test
    void volumesAreNotWritable() {
        CommandRun run = CommandRun.of("mount", "--volumes", "-o", "rw", "/nowhere/a", "/nowhere/mnt");
        assertEquals(2, run.status());
        assertTrue(run.err().contains("-o rw contradicts --read-only, --overlay, --volumes and --heal"), run.err());
        CommandRun journal = CommandRun.of("mount", "--volumes", "--drop-journal", "/nowhere/a", "/nowhere/mnt");
        assertEquals(2, journal.status());
    }

    @Test
    void overlaysShareTheMemory() throws IOException {
        assertEquals(
                new OverlayChoice(OverlayChoice.Kind.MEMORY, 5 << 20, null),
                OverlayChoice.parse("memory:16M").sharedBy(3));
        assertEquals(
                new OverlayChoice(OverlayChoice.Kind.MEMORY, 1 << 20, null),
                OverlayChoice.parse("memory:16M").sharedBy(100));
        assertEquals(OverlayChoice.AUTO, OverlayChoice.AUTO.sharedBy(7));
        IOException refused = assertThrows(
                IOException.class, () -> OverlayChoice.parse("/tmp/x").sharedBy(2));
        assertTrue(String.valueOf(refused.getMessage()).contains("--overlay memory"), refused.getMessage());
    }

    @Test
    void aContentThatOnlyLibblkidKnowsIsNamed() {
        assertEquals(
                List.of("it holds f2fs, label \"data\"; to use it: losetup -f --show -r --direct-io=on /mnt/a; mount"
                        + " -o ro /dev/loopN DIRECTORY"),
                lines(Optional.empty(), new ContentName("f2fs", "data", "filesystem", "", false)));
        VolumeContent luks =
                new VolumeContent("a LUKS volume", VolumeContent.Form.CONTAINER, false, VolumeContent.Log.UNKNOWN, 0);
        assertTrue(lines(Optional.of(luks), new ContentName("crypto_LUKS", "", "crypto", "", false))
                .getFirst()
                .endsWith("; cryptsetup open --readonly /dev/loopN NAME"));
    }

    @Test
    void signaturesOfSeveralContentsAreSaid() {
        assertTrue(lines(Optional.empty(), new ContentName("", "", "", "", true))
                .getFirst()
                .contains("wipefs --no-act /mnt/a"));
    }
}
