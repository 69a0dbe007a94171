package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a truncation guarantees to its own handle and to other handles; without a mount. */
class TruncationTest {
    private static final int SIZE_BYTES = 64 << 10;
    private static final int READ_WRITE = 2;
    private static final long THREAD = 100;
    private static final long OTHER_THREAD = 200;

    private final MemoryVolume volume = new MemoryVolume("vol", SIZE_BYTES);
    private final VolumeOperations operations = new VolumeOperations(volume, new Owner(7, 8), () -> Instant.EPOCH);
    private final byte[] expected = new byte[SIZE_BYTES];

    @BeforeEach
    void oldBytesEverywhere() throws Exception {
        Arrays.fill(expected, (byte) 1);
        operations.write(OpenFiles.NO_HANDLE, 0, MemorySegment.ofArray(expected));
    }

    private long open(long thread) throws Exception {
        return operations.open("/vol", READ_WRITE, thread);
    }

    /** As the kernel serves open(2) with O_TRUNC. */
    private long openTruncating(long thread) throws Exception {
        long handle = open(thread);
        operations.truncate("/vol", 0, thread);
        return handle;
    }

    private void write(long handle, int offsetBytes, int lengthBytes, int value) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) value);
        operations.write(handle, offsetBytes, MemorySegment.ofArray(bytes));
    }

    private void expect(int fromBytes, int endBytes, int value) {
        Arrays.fill(expected, fromBytes, endBytes, (byte) value);
    }

    private void assertContent() {
        assertArrayEquals(expected, volume.bytes());
        assertEquals(SIZE_BYTES, operations.fileStatus().sizeBytes());
    }

    @Test
    void aGapBehindTheEndReadsAsZeros() throws Exception {
        long handle = openTruncating(THREAD);
        write(handle, 0, 10, 5);
        write(handle, 5000, 10, 6);
        write(handle, 9000, 10, 7);
        expect(0, 9010, 0);
        expect(0, 10, 5);
        expect(5000, 5010, 6);
        expect(9000, 9010, 7);
        assertContent();
    }

    @Test
    void whatLiesBehindTheLastWriteStays() throws Exception {
        long handle = openTruncating(THREAD);
        write(handle, 0, 440, 5);
        operations.release(handle);
        expect(0, 440, 5);
        assertContent();
    }

    @Test
    void writesInAnyOrderComeOutRight() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            long handle = openTruncating(THREAD);
            byte[] file = new byte[SIZE_BYTES];
            int fileBytes = 0;
            for (int i = 0; i < 20; i++) {
                int lengthBytes = 1 + random.nextInt(500);
                int offset = random.nextInt(SIZE_BYTES - lengthBytes);
                if (random.nextInt(5) == 0) {
                    operations.truncate(handle, offset);
                    Arrays.fill(file, Math.min(offset, fileBytes), SIZE_BYTES, (byte) 0);
                    fileBytes = offset;
                } else {
                    write(handle, offset, lengthBytes, 2 + i);
                    Arrays.fill(file, offset, offset + lengthBytes, (byte) (2 + i));
                    fileBytes = Math.max(fileBytes, offset + lengthBytes);
                }
            }
            assertArrayEquals(Arrays.copyOf(file, fileBytes), Arrays.copyOf(volume.bytes(), fileBytes), "seed " + seed);
            operations.release(handle);
        }
    }

    @Test
    void truncatingUpwardsZeroesUpToThere() throws Exception {
        long handle = open(THREAD);
        operations.truncate(handle, 100);
        assertContent();
        operations.truncate(handle, 20_000);
        expect(100, 20_000, 0);
        assertContent();
        operations.truncate(handle, SIZE_BYTES);
        expect(100, SIZE_BYTES, 0);
        assertContent();
    }

    @Test
    void allocatingZeroesAsTruncatingUpwardsDoes() throws Exception {
        long handle = openTruncating(THREAD);
        operations.allocate(handle, VolumeOperations.FALLOC_KEEP_SIZE, 0, 8000);
        assertContent();
        operations.allocate(handle, 0, 1000, 3000);
        expect(0, 4000, 0);
        assertContent();
        operations.allocate(handle, VolumeOperations.FALLOC_ZERO_RANGE, 5000, 1000);
        expect(0, 6000, 0);
        assertContent();
        write(handle, 3000, 10, 9);
        expect(3000, 3010, 9);
        assertContent();
    }

    @Test
    void afterTheLastCloseNothingIsPromised() throws Exception {
        operations.release(openTruncating(THREAD));
        write(open(THREAD), 5000, 10, 6);
        expect(5000, 5010, 6);
        assertContent();
    }

    @Test
    void anotherHandleZeroesNothingAndKeepsWhatItWrites() throws Exception {
        long device = open(OTHER_THREAD);
        long handle = openTruncating(THREAD);
        write(device, 30_000, 1000, 3);
        write(device, 30_500, 1000, 4);
        write(device, 10_000, 10, 5);
        expect(30_000, 30_500, 3);
        expect(30_500, 31_500, 4);
        expect(10_000, 10_010, 5);
        assertContent();
        write(handle, 30_700, 5000, 6);
        write(handle, 40_000, 1, 7);
        expect(0, 10_000, 0);
        expect(10_010, 30_000, 0);
        expect(30_700, 35_700, 6);
        expect(35_700, 40_000, 0);
        expect(40_000, 40_001, 7);
        assertContent();
    }

    @Test
    void aPageOfASharedMappingIsAnotherUsersWrite() throws Exception {
        long handle = openTruncating(THREAD);
        write(OpenFiles.NO_HANDLE, 8192, 4096, 3);
        expect(8192, 12_288, 3);
        assertContent();
        write(handle, 20_000, 1, 4);
        expect(0, 8192, 0);
        expect(12_288, 20_000, 0);
        expect(20_000, 20_001, 4);
        assertContent();
    }

    @Test
    void aTruncationWithoutHandleBelongsToTheOpenThatItIsPartOf() throws Exception {
        long device = open(OTHER_THREAD);
        operations.truncate("/vol", 0, THREAD);
        write(device, 5000, 10, 2);
        expect(5000, 5010, 2);
        assertContent();
        // By path, by the thread that opened, but after a request of that handle: no open(2) does so.
        operations.truncate("/vol", 0, OTHER_THREAD);
        write(device, 9000, 10, 3);
        expect(9000, 9010, 3);
        assertContent();
        // Two threads that have the same number, of processes in another namespace.
        long unseen = open(0);
        operations.truncate("/vol", 0, 0);
        write(unseen, 12_000, 10, 4);
        expect(12_000, 12_010, 4);
        assertContent();
    }

    @Test
    void twoCopiersAtOnceDoNotHarmEachOther() throws Exception {
        long first = openTruncating(THREAD);
        long second = open(OTHER_THREAD);
        operations.truncate(second, 32_768);
        for (int i = 0; i < 4; i++) {
            write(second, 32_768 + i * 1000, 1000, 20 + i);
            write(first, i * 1000, 1000, 10 + i);
            expect(32_768 + i * 1000, 33_768 + i * 1000, 20 + i);
            expect(i * 1000, i * 1000 + 1000, 10 + i);
        }
        assertContent();
    }

    @Test
    void aGapThatCannotBeZeroedIsNotSkipped() throws Exception {
        long handle = openTruncating(THREAD);
        volume.failure = new IOException("told to fail");
        assertThrows(IOException.class, () -> write(handle, 5000, 10, 6));
        assertThrows(IOException.class, () -> operations.truncate(handle, 4000));
        volume.failure = null;
        write(handle, 5000, 10, 6);
        expect(0, 5000, 0);
        expect(5000, 5010, 6);
        assertContent();
    }

    @Test
    void aWriteBehindTheVolumeZeroesNothing() throws Exception {
        long handle = openTruncating(THREAD);
        assertThrows(OperationRefused.class, () -> write(handle, SIZE_BYTES, 10, 6));
        assertThrows(OperationRefused.class, () -> operations.truncate(handle, SIZE_BYTES + 1L));
        assertContent();
    }

    @Test
    void aMountThatEndsDoesNotWaitForLongZeroing() throws Exception {
        long handle = openTruncating(THREAD);
        operations.stopLongRequests();
        OperationRefused refused = assertThrows(OperationRefused.class, () -> operations.truncate(handle, SIZE_BYTES));
        assertEquals(FuseErrno.ESHUTDOWN, refused.errno());
        assertContent();
    }
}
