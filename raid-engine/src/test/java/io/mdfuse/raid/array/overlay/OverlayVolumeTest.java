package io.mdfuse.raid.array.overlay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Written data is read back, and the volume below is never written. */
final class OverlayVolumeTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 64;

    @TempDir
    private Path directory = Path.of("");

    /** Reads from an array of bytes; a write fails the test, and one block can't be read. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Below(byte[] bytes, long lostBlock) implements Volume {
        static Below random(long lostBlock) {
            byte[] bytes = new byte[BLOCKS * BLOCK];
            new Random(5).nextBytes(bytes);
            return new Below(bytes, lostBlock);
        }

        @Override
        public String name() {
            return "below";
        }

        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            long end = offsetBytes + target.byteSize();
            if (offsetBytes < (lostBlock + 1) * BLOCK && end > lostBlock * BLOCK) {
                throw new IOException("block " + lostBlock + " can't be read");
            }
            target.copyFrom(MemorySegment.ofArray(bytes).asSlice(offsetBytes, target.byteSize()));
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) {
            throw new AssertionError("written below");
        }

        @Override
        public void flush() {
            throw new AssertionError("flushed below");
        }

        @Override
        public void zero(long offsetBytes, long lengthBytes) {
            throw new AssertionError("zeroed below");
        }

        @Override
        public Map<String, String> attributes() {
            return Map.of("array_state", "readonly");
        }
    }

    private static byte[] read(Volume volume, long offsetBytes, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        volume.read(offsetBytes, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static void write(Volume volume, long offsetBytes, byte[] bytes) throws IOException {
        volume.write(offsetBytes, MemorySegment.ofArray(bytes));
    }

    @Test
    void anyOrderOfWritesZerosAndReadsIsAsInAnArrayOfBytes() throws Exception {
        for (boolean inFile : new boolean[] {false, true}) {
            Below below = Below.random(-1);
            byte[] before = below.bytes().clone();
            byte[] model = before.clone();
            try (OverlayVolume overlay = inFile
                    ? OverlayVolume.inFile(below, directory.resolve("scratch"))
                    : OverlayVolume.inMemory(below, BLOCKS * BLOCK)) {
                assertFalse(overlay.readOnly());
                Random random = new Random(7);
                for (int step = 0; step < 3000; step++) {
                    int from = random.nextInt(model.length);
                    int length = 1 + random.nextInt(Math.min(5 * BLOCK, model.length - from));
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            byte[] bytes = new byte[length];
                            random.nextBytes(bytes);
                            write(overlay, from, bytes);
                            System.arraycopy(bytes, 0, model, from, length);
                        }
                        case 1 -> {
                            overlay.zero(from, length);
                            Arrays.fill(model, from, from + length, (byte) 0);
                        }
                        case 2 -> overlay.flush();
                        default ->
                            assertArrayEquals(
                                    Arrays.copyOfRange(model, from, from + length),
                                    read(overlay, from, length),
                                    "step " + step);
                    }
                }
                assertArrayEquals(model, read(overlay, 0, model.length));
                assertArrayEquals(before, below.bytes());
            }
        }
    }

    @Test
    void theLimitIsKeptAndZerosTakeNoSpace() throws Exception {
        Below below = Below.random(-1);
        try (OverlayVolume overlay = OverlayVolume.inMemory(below, 3 * BLOCK)) {
            overlay.zero(0, 10 * BLOCK);
            write(overlay, 20 * BLOCK, new byte[2 * BLOCK]);
            assertEquals(2 * BLOCK, overlay.usedBytes());
            byte[] ones = new byte[3 * BLOCK];
            Arrays.fill(ones, (byte) 1);
            assertThrows(OverlayFullException.class, () -> write(overlay, 30 * BLOCK, ones));
            assertEquals(3 * BLOCK, overlay.usedBytes());
            assertArrayEquals(
                    Arrays.copyOfRange(below.bytes(), 31 * BLOCK, 33 * BLOCK), read(overlay, 31 * BLOCK, 2 * BLOCK));
            write(overlay, 20 * BLOCK, new byte[2 * BLOCK]);
            overlay.zero(20 * BLOCK, 2 * BLOCK);
            assertEquals(BLOCK, overlay.usedBytes());
            write(overlay, 40 * BLOCK + 100, new byte[] {9});
            assertEquals(9, read(overlay, 40 * BLOCK + 100, 1)[0]);
            assertEquals("memory", overlay.attributes().get("overlay"));
            assertEquals("8192", overlay.attributes().get("overlay_bytes"));
            assertEquals("12288", overlay.attributes().get("overlay_limit_bytes"));
            assertEquals("readonly", overlay.attributes().get("array_state"));
        }
    }

    @Test
    void aBlockThatCantBeReadIsMendedByWritingIt() throws Exception {
        try (OverlayVolume overlay = OverlayVolume.inMemory(Below.random(4), BLOCKS * BLOCK)) {
            assertThrows(IOException.class, () -> read(overlay, 3 * BLOCK, 3 * BLOCK));
            assertThrows(IOException.class, () -> write(overlay, 4 * BLOCK + 1, new byte[] {1}));
            write(overlay, 4 * BLOCK, new byte[BLOCK]);
            read(overlay, 3 * BLOCK, 3 * BLOCK);
            write(overlay, 4 * BLOCK + 1, new byte[] {1});
            assertEquals(1, read(overlay, 4 * BLOCK + 1, 1)[0]);
        }
    }

    @Test
    void aScratchFileIsNewAndHasNoNameOnceItIsOpen() throws Exception {
        Path file = directory.resolve("scratch");
        Files.createFile(file);
        IOException refused = assertThrows(IOException.class, () -> OverlayVolume.inFile(Below.random(-1), file));
        assertTrue(String.valueOf(refused.getMessage()).contains("exists"), refused.toString());
        Files.delete(file);
        try (OverlayVolume overlay = OverlayVolume.inFile(Below.random(-1), file)) {
            assertFalse(Files.exists(file));
            write(overlay, 5, new byte[] {7});
            assertEquals(7, read(overlay, 5, 1)[0]);
        }
        Path nowhere = directory.resolve("no/scratch");
        assertThrows(IOException.class, () -> OverlayVolume.inFile(Below.random(-1), nowhere));
    }

    /** Threads that write parts of the same blocks lose none of each other's bytes. */
    @Test
    void manyThreadsMayWriteIntoOneBlock() throws Exception {
        int threads = 8;
        try (OverlayVolume overlay = OverlayVolume.inMemory(Below.random(-1), BLOCKS * BLOCK);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                byte value = (byte) (thread + 1);
                int first = thread;
                all.add(pool.submit(() -> {
                    for (int at = first; at < 4 * BLOCK; at += threads) {
                        write(overlay, at, new byte[] {value});
                        assertEquals(value, read(overlay, at, 1)[0]);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            byte[] bytes = read(overlay, 0, 4 * BLOCK);
            for (int at = 0; at < bytes.length; at++) {
                assertEquals(at % threads + 1, bytes[at]);
            }
        }
    }

    @Test
    void aSetOfBlocksKeepsCountOverWholePages() {
        BlockSet bits = new BlockSet();
        bits.set(5);
        bits.set(3, 3L * BlockSet.PAGE_BLOCKS + 2);
        assertEquals(3L * BlockSet.PAGE_BLOCKS - 1, bits.count());
        bits.clear(BlockSet.PAGE_BLOCKS + 7, BlockSet.PAGE_BLOCKS + 8);
        assertFalse(bits.get(BlockSet.PAGE_BLOCKS + 7));
        assertTrue(bits.get(2L * BlockSet.PAGE_BLOCKS + 7), "a page of its own, not one shared with others");
        bits.clear(0, 4L * BlockSet.PAGE_BLOCKS);
        assertEquals(0, bits.count());
    }
}
