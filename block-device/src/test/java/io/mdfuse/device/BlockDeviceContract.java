package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The behaviour that every block device must have. The test of a device extends this class and creates the device. */
public abstract class BlockDeviceContract {
    /** The size of the device that {@link #create} returns, in bytes. */
    protected static final long SIZE_BYTES = 1 << 20;

    private BlockDevice device;
    private Arena arena;

    @SuppressWarnings({"NullAway.Init", "initialization"})
    protected BlockDeviceContract() {}

    /** A device of {@link #SIZE_BYTES} zeros. It is closed after the test. */
    protected abstract BlockDevice create() throws Exception;

    @BeforeEach
    final void openDevice() throws Exception {
        device = create();
        arena = Arena.ofShared();
    }

    @AfterEach
    final void closeDevice() throws Exception {
        arena.close();
        device.close();
    }

    private byte[] read(long offsetBytes, int lengthBytes) throws DeviceException {
        MemorySegment target = arena.allocate(lengthBytes, Sectors.BLOCK_BYTES).fill((byte) 0x5a);
        device.read(offsetBytes, target);
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private MemorySegment random(long seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        MemorySegment source = arena.allocate(lengthBytes, Sectors.BLOCK_BYTES);
        source.copyFrom(MemorySegment.ofArray(bytes));
        return source;
    }

    @Test
    void aNewDeviceReadsAsZeros() throws Exception {
        assertEquals(SIZE_BYTES, device.sizeBytes());
        assertArrayEquals(new byte[(int) SIZE_BYTES], read(0, (int) SIZE_BYTES));
    }

    @Test
    void aReadReturnsTheBlocksThatWereWritten() throws Exception {
        MemorySegment source = random(1, 3 * Sectors.BLOCK_BYTES);
        device.write(5 * Sectors.BLOCK_BYTES, source);
        assertArrayEquals(source.toArray(ValueLayout.JAVA_BYTE), read(5 * Sectors.BLOCK_BYTES, 3 * 4096));
        assertArrayEquals(new byte[4096], read(4 * Sectors.BLOCK_BYTES, 4096));
        assertArrayEquals(new byte[4096], read(8 * Sectors.BLOCK_BYTES, 4096));
    }

    @Test
    void randomReadsAndWritesOfAnyAlignmentAndMemoryEqualThoseOfAnArray() throws Exception {
        byte[] model = new byte[(int) SIZE_BYTES];
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            int length = i % 10 == 0 ? random.nextInt(300_000) : random.nextInt(9_000);
            int offset = random.nextInt((int) SIZE_BYTES - length + 1);
            byte[] bytes = new byte[length];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, model, offset, length);
                device.write(offset, memory(random, bytes));
            } else {
                MemorySegment target = memory(random, bytes);
                device.read(offset, target);
                byte[] expected = new byte[length];
                System.arraycopy(model, offset, expected, 0, length);
                assertArrayEquals(expected, target.toArray(ValueLayout.JAVA_BYTE), "read " + i);
            }
        }
        assertArrayEquals(model, read(0, (int) SIZE_BYTES));
    }

    @Test
    void writesPastTheCacheAndThroughItAreReadInTheirOrder() throws Exception {
        byte[] model = new byte[(int) SIZE_BYTES];
        Random random = new Random(11);
        for (int i = 0; i < 200; i++) {
            int unit = i % 5 == 0 ? 1 : Sectors.BLOCK_BYTES;
            int length = random.nextInt(60_000 / unit) * unit;
            int offset = random.nextInt((int) (SIZE_BYTES - length) / unit + 1) * unit;
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            System.arraycopy(bytes, 0, model, offset, length);
            MemorySegment memory = memory(random, bytes);
            if (random.nextBoolean() || !device.tryWritePastCache(offset, memory)) {
                device.write(offset, memory);
            }
            assertArrayEquals(Arrays.copyOfRange(model, offset, offset + length), read(offset, length), "write " + i);
        }
        device.flush();
        assertArrayEquals(model, read(0, (int) SIZE_BYTES));
    }

    /** The bytes on the heap, or in native memory at an address of any alignment. */
    private MemorySegment memory(Random random, byte[] bytes) {
        MemorySegment heap = MemorySegment.ofArray(bytes);
        if (random.nextInt(3) == 0) {
            return heap;
        }
        int skew = random.nextBoolean() ? 0 : random.nextInt(4096);
        MemorySegment memory =
                arena.allocate(bytes.length + skew, Sectors.BLOCK_BYTES).asSlice(skew);
        memory.copyFrom(heap);
        return memory;
    }

    @Test
    void theLastByteCanBeWrittenAndNoByteBehindIt() throws Exception {
        device.write(SIZE_BYTES - 1, MemorySegment.ofArray(new byte[] {42}));
        assertArrayEquals(new byte[] {0, 42}, read(SIZE_BYTES - 2, 2));
        MemorySegment two = arena.allocate(2);
        assertThrows(IndexOutOfBoundsException.class, () -> device.read(SIZE_BYTES - 1, two));
        assertThrows(IndexOutOfBoundsException.class, () -> device.write(SIZE_BYTES - 1, two));
        assertThrows(IndexOutOfBoundsException.class, () -> device.trim(SIZE_BYTES - 1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> device.read(-1, two));
        assertThrows(IndexOutOfBoundsException.class, () -> device.write(-1, two));
        assertThrows(IndexOutOfBoundsException.class, () -> device.trim(-1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> device.read(Long.MAX_VALUE, two));
        assertEquals(SIZE_BYTES, device.sizeBytes());
    }

    @Test
    void requestsOfLengthZeroSucceed() throws Exception {
        device.write(SIZE_BYTES, MemorySegment.ofArray(new byte[0]));
        device.read(SIZE_BYTES, MemorySegment.ofArray(new byte[0]));
        device.trim(0, 0);
        device.flush();
    }

    @Test
    void aTrimmedRangeReadsAsZerosAndTheBytesAroundItAreUnchanged() throws Exception {
        MemorySegment source = random(3, 8 * Sectors.BLOCK_BYTES);
        device.write(0, source);
        device.flush();
        assumeTrue(device.trim(2 * Sectors.BLOCK_BYTES, 3 * Sectors.BLOCK_BYTES), "this device cannot trim");
        byte[] expected = source.toArray(ValueLayout.JAVA_BYTE);
        Arrays.fill(expected, 2 * 4096, 5 * 4096, (byte) 0);
        assertArrayEquals(expected, read(0, 8 * 4096));
        device.flush();
        assertArrayEquals(expected, read(0, 8 * 4096));
    }

    @Test
    void aRefusedTrimChangesNothing() throws Exception {
        MemorySegment source = random(4, 2 * Sectors.BLOCK_BYTES);
        device.write(0, source);
        byte[] expected = source.toArray(ValueLayout.JAVA_BYTE);
        if (device.trim(100, 1000)) {
            Arrays.fill(expected, 100, 1100, (byte) 0);
        }
        assertArrayEquals(expected, read(0, 2 * 4096));
    }

    @Test
    void severalThreadsMayWriteDifferentPartsOfOneBlock() throws Exception {
        int threads = 4;
        int turns = 60;
        int shareBytes = 1000; // so that the shares of two threads meet within 4 KiB blocks and sectors
        List<Future<?>> done = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int thread = 0; thread < threads; thread++) {
                byte mark = (byte) (thread + 1);
                done.add(executor.submit(() -> {
                    MemorySegment share =
                            arena.allocate(shareBytes, Sectors.BLOCK_BYTES).fill(mark);
                    for (int turn = 0; turn < turns; turn++) {
                        device.write((long) (turn * threads + mark - 1) * shareBytes, share);
                        if (turn % 20 == 0) {
                            device.flush();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
        byte[] all = read(0, threads * turns * shareBytes);
        for (int i = 0; i < all.length; i++) {
            assertEquals(i / shareBytes % threads + 1, all[i], "byte " + i);
        }
    }

    @Test
    void afterCloseEveryCallFailsAndCloseMayBeRepeated() throws Exception {
        device.close();
        device.close();
        MemorySegment block = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        assertThrows(DeviceException.class, () -> device.read(0, block));
        assertThrows(DeviceException.class, () -> device.write(0, block));
        assertThrows(DeviceException.class, () -> device.flush());
        assertThrows(DeviceException.class, () -> device.trim(0, 4096));
    }
}
