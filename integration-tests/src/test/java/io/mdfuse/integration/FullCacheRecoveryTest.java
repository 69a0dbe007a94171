package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A journal with data-only stripes for more stripes than the cache of the next mount can contain: the journal was
 * written with the largest cache, the process was killed before any write-out, and the array is mounted with the
 * smallest cache. md hangs while it assembles some journals of this kind (seen with Linux 6.1.192, 6.12.117 and 7.3.4),
 * so the test does without md: each byte is compared with what was written.
 */
class FullCacheRecoveryTest {
    private static final int LARGEST_CACHE_STRIPES = 32768;
    private static final int SMALLEST_CACHE_STRIPES = 17;

    /** Just below three quarters of the cache, at which write-out begins. */
    private static final int STRIPES = 24_000;

    private static final int STRIPE_BYTES = 4096;
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNK_STRIPES = CHUNK_BYTES / STRIPE_BYTES;
    private static final int DATA_MEMBERS = 2;
    private static final long MEMBER_BYTES = 112L << 20;
    private static final long JOURNAL_BYTES = 1L << 30;

    private final WorkPattern pattern = new WorkPattern(25);

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @Test
    void moreDataThanTheCacheHoldsIsRecoveredToTheByte() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = killedWithAFullCache(scratch);
            Path mountPoint = scratch.path("mnt");

            assertRecovered(images.all(), mountPoint, "--read-only");
            Images degraded = images.copyTo(scratch.path("degraded"));
            List<Path> withoutOne = new ArrayList<>(degraded.all());
            withoutOne.remove(1);
            assertRecovered(withoutOne, mountPoint, "--run");
            assertRecovered(images.all(), mountPoint);

            // The second mount finds nothing to replay, and correct parity.
            try (MountedArray array = MountedArray.mount(images, mountPoint)) {
                assertTrue(!array.startMessages().contains("replayed"), array::startMessages);
                assertContent(array.volume());
                Command.run(Project.mdfuse().toString(), "check", mountPoint.toString())
                        .orFail();
                array.unmount();
            }
        }
    }

    private Images killedWithAFullCache(ScratchDirectory scratch) throws IOException {
        Images images = Images.blank(scratch.path("images"), DATA_MEMBERS + 1, MEMBER_BYTES, JOURNAL_BYTES);
        images.create(5, "--chunk", CHUNK_BYTES / 1024 + "K");
        String cache = Integer.toString(LARGEST_CACHE_STRIPES);
        try (MountedArray array = MountedArray.mount(
                images, scratch.path("mnt"), "--journal-mode", "write-back", "--stripe-cache-size", cache)) {
            writeOneChunkOfEachRow(array.volume());
            assertEquals(Integer.toString(STRIPES), array.attribute("stripe_cache_active"));
            array.kill();
        }
        return images;
    }

    /** The row of chunks is never full, so no parity is made: its stripes stay in the cache and in the log. */
    private void writeOneChunkOfEachRow(Path volume) throws IOException {
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (int row = 0; row < STRIPES / CHUNK_STRIPES; row++) {
                long at = writtenAt(row);
                pattern.fill(buffer.clear(), at, 1);
                buffer.flip();
                while (buffer.hasRemaining()) {
                    channel.write(buffer, at + buffer.position());
                }
            }
            channel.force(false);
        }
    }

    /** The first chunk of an even row, the second of an odd one. */
    private static long writtenAt(int row) {
        return ((long) row * DATA_MEMBERS + row % DATA_MEMBERS) * CHUNK_BYTES;
    }

    private void assertRecovered(List<Path> devices, Path mountPoint, String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of("--stripe-cache-size", Integer.toString(SMALLEST_CACHE_STRIPES)));
        Command.Result mounted = MountedArray.tryMount(devices, mountPoint, options.toArray(String[]::new))
                .orFail();
        try {
            Matcher replayed =
                    Pattern.compile("journal replayed: (\\d+) stripes").matcher(mounted.output());
            assertTrue(replayed.find(), mounted::toString);
            assertEquals(STRIPES, Integer.parseInt(replayed.group(1)), mounted::toString);
            assertContent(MountedArray.onlyFile(mountPoint));
        } finally {
            Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                    .orFail();
        }
    }

    /** The written data is there, and everything else is zero. */
    private void assertContent(Path volume) throws IOException {
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.READ)) {
            ByteBuffer read = ByteBuffer.allocateDirect(CHUNK_BYTES);
            ByteBuffer expected = ByteBuffer.allocateDirect(CHUNK_BYTES);
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (long at = 0; at < channel.size(); at += CHUNK_BYTES) {
                read.clear();
                while (read.hasRemaining() && channel.read(read, at + read.position()) > 0) {}
                int row = (int) (at / CHUNK_BYTES / DATA_MEMBERS);
                boolean written = row < STRIPES / CHUNK_STRIPES && at == writtenAt(row);
                if (written) {
                    pattern.fill(expected.clear(), at, 1);
                    expected.flip();
                }
                ByteBuffer wanted = written ? expected : zeros.clear();
                long chunk = at;
                assertEquals(-1, read.flip().mismatch(wanted.limit(read.limit())), () -> "other bytes from " + chunk);
            }
        }
    }
}
