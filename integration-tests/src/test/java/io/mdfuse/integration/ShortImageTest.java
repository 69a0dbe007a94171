package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images that are shorter than their superblocks say: of a disk that hides its last sectors, and a truncated copy. */
class ShortImageTest {
    private static final long MEBIBYTE = 1 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static void truncate(Path image, long lengthBytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(lengthBytes);
        }
    }

    /**
     * md made the array smaller than its disks, and one of them lost a MiB that the array does not use. md accepts the
     * disk again after mdfuse.
     */
    @Test
    @Tag("oracle")
    void whatTheArrayDoesNotUseMayBeMissing() throws IOException {
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 3, 21 * MEBIBYTE, 0);
            Path cut = images.members().get(1);
            truncate(cut, 22 * MEBIBYTE);
            String sha256 = Oracle.run("""
                            set -e
                            mdadm --create /dev/md0 --run -l5 -n3 -c64 --bitmap=none --assume-clean \\
                              --size=19456 "$@" >&2
                            dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null || true
                            sha256sum /dev/md0 | cut -d' ' -f1
                            mdadm --stop /dev/md0 >&2
                            """, images.all()).output().strip();
            truncate(cut, 21 * MEBIBYTE);
            assertTrue(examined(cut).contains("ends 2048 sectors before"), examined(cut));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                assertTrue(array.startMessages().contains("all of them are there"), array.startMessages());
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                byte[] piece = new byte[4096];
                try (RandomAccessFile file = new RandomAccessFile(array.volume().toFile(), "rw")) {
                    file.readFully(piece);
                    file.seek(0);
                    file.write(piece);
                }
                array.unmount();
            }
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    @Test
    void anImageThatIsCutOffIsReadAroundAndNeverWritten() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            String sha256;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(4));
                sha256 = Digests.sha256(array.volume());
                array.unmount();
            }
            Path cut = images.members().get(2);
            truncate(cut, 5 * MEBIBYTE + 700);
            Map<String, String> before = images.digests();
            Command.Result refused = MountedArray.tryMount(images.all(), scratch.path("mnt"));
            assertEquals(1, refused.exitStatus(), refused::toString);
            assertEquals(1, refused.errorLines().size(), refused::toString);
            String numbers =
                    "has " + Files.size(cut) + " bytes, and the array uses the first " + TestArrayShape.MEMBER_BYTES;
            assertTrue(refused.error().contains(numbers) && refused.error().contains("--read-only"), refused::toString);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                assertTrue(array.startMessages().contains("is cut short"), array.startMessages());
                array.unmount();
            }
            assertEquals(before, images.digests());
            assertTrue(examined(cut).contains("sectors before"), examined(cut));
        }
    }

    private static String examined(Path image) throws IOException {
        return Command.run(List.of(Project.mdfuse().toString(), "examine", image.toString()))
                .orFail()
                .output();
    }
}
