package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Arrays with a lockless bitmap, passed to Linux 7.3 and back. The members hold junk where nothing was written, and
 * only a part of the volume is written.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class LocklessOracleTest {
    private static final long MEMBER_BYTES = 48 << 20;
    private static final int WRITTEN = 1 << 20;

    /**
     * The content of the written MiB, the first and the ninth, as md reads it; how much of the parity does not fit; and
     * md's counts of the states. Of a chunk that needs a sync md computes one member from the others, so what was never
     * written may change.
     */
    private static final String JUDGE = """
            settle() { for i in 1 2 3; do
              while ! grep -q idle /sys/block/md0/md/sync_action; do sleep 0.1; done; sleep 0.2; done; }
            mdadm --assemble --run /dev/md0 "$@" >&2 || exit 1
            settle
            { dd if=/dev/md0 bs=1M count=1; dd if=/dev/md0 bs=1M skip=8 count=1; } 2>/dev/null |
              sha256sum | cut -d' ' -f1
            echo check >/sys/block/md0/md/sync_action
            settle
            cat /sys/block/md0/md/mismatch_cnt
            tr '\\n' ',' </sys/block/md0/md/llbitmap/bits
            mdadm --stop /dev/md0 >&2
            """;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.newestOracle();
    }

    private static Images junk(Path directory, int members) throws IOException {
        Images images = Images.blank(directory, members, MEMBER_BYTES, 0);
        for (Path member : images.members()) {
            byte[] bytes = new byte[(int) MEMBER_BYTES - (1 << 20)];
            new Random(member.hashCode()).nextBytes(bytes);
            writeAt(member, 1 << 20, bytes);
        }
        return images;
    }

    private static void writeAt(Path file, long offset, byte[] bytes) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rwd")) {
            out.seek(offset);
            out.write(bytes);
        }
    }

    private static byte[] pattern(int seed) {
        byte[] bytes = new byte[WRITTEN];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String digest(byte[] first, byte[] second) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(first);
            return HexFormat.of().formatHex(sha256.digest(second));
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private static void assertHolds(Path volume, byte[] expected) throws IOException {
        try (var in = Files.newInputStream(volume)) {
            assertEquals(-1, Arrays.mismatch(expected, in.readNBytes(expected.length)));
        }
    }

    private static void create(Images images, int level) throws IOException {
        images.create(level, "--bitmap", "lockless", "--chunk", "16K");
    }

    /** Made by mdfuse, written in part, and killed: md recovers it, and then mdfuse reads it without two members. */
    @Test
    void mdRecoversAnArrayThatMdfuseMadeAndCrashed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = junk(scratch.path("images"), 5);
            create(images, 6);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                writeAt(array.volume(), 0, pattern(1));
                writeAt(array.volume(), 8 << 20, pattern(4));
                array.kill();
            }
            List<String> words =
                    Oracle.runNewest(JUDGE, images.members()).output().lines().toList();
            assertEquals(List.of(digest(pattern(1), pattern(4)), "0"), words.subList(0, 2), words::toString);
            assertTrue(words.get(2).contains("need sync 0,syncing 0,"), words::toString);
            Images left = new Images(images.directory(), images.members().subList(1, 4), null);
            try (MountedArray array = MountedArray.mount(left, scratch.path("mnt"), "--read-only", "--run")) {
                assertHolds(array.volume(), pattern(1));
                array.unmount();
            }
        }
    }

    /**
     * Made by md, written in part and cut off; then mdfuse writes to it. md finds the same content and no mismatch, and
     * counts the same chunks as never written.
     */
    @Test
    void mdTrustsWhatMdfuseMakesOfItsArray() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = junk(scratch.path("images"), 4);
            Path power = scratch.path("power");
            Path data = scratch.path("data");
            Files.write(data, pattern(2));
            String job = """
                    echo y | mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=64 --bitmap=lockless \\
                      "$@" >&2 || exit 1
                    dd if=%s of=/dev/md0 bs=64k oflag=direct conv=fsync 2>&1
                    touch %s
                    sleep 20
                    """.formatted(data, power);
            Oracle.crashNewest(job, images.members(), power);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertHolds(array.volume(), pattern(2));
                writeAt(array.volume(), 8 << 20, pattern(3));
                array.unmount();
            }
            String ours = Command.run(
                            Project.mdfuse().toString(),
                            "examine",
                            "--bitmap",
                            images.members().getFirst().toString())
                    .orFail()
                    .output();
            List<String> words =
                    Oracle.runNewest(JUDGE, images.members()).output().lines().toList();
            assertEquals(List.of(digest(pattern(2), pattern(3)), "0"), words.subList(0, 2), words::toString);
            String unwritten = words.get(2).substring(0, words.get(2).indexOf(','));
            assertTrue(ours.contains(unwritten), () -> ours + " and md: " + words);
        }
    }
}
