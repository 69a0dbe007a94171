package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The expected values were computed with the kernel's CRC-32C, and the kernel's md driver accepted them. */
class LogChecksumTest {
    @Test
    void theEmptyMetaBlockHasMdsChecksum() {
        MemorySegment block = emptyBlock();

        assertEquals(0x3a25ca64, TestLog.CHECKSUM.metaBlock(block));
    }

    @Test
    void theChecksumFieldCountsAsZero() {
        MemorySegment block = emptyBlock();
        block.set(ValueLayout.JAVA_INT_UNALIGNED, 4, 0x3a25ca64);

        assertEquals(0x3a25ca64, TestLog.CHECKSUM.metaBlock(block));
    }

    @Test
    void aPagesChecksumIsThatOfAnIndependentImplementation() {
        byte[] bytes = new byte[4096];
        new Random(1).nextBytes(bytes);
        int expected = rawCrc32c(rawCrc32c(-1, TestLog.UUID), bytes);

        assertEquals(expected, TestLog.CHECKSUM.page(MemorySegment.ofArray(bytes)));
        assertEquals(0x1cf96d7c, rawCrc32c(-1, "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        assertEquals(0x2636f714, rawCrc32c(-1, TestLog.UUID));
    }

    @Test
    void theChecksumsOfManyPagesAreThoseOfEachPageAlone() {
        Random random = new Random(2);
        byte[] bytes = new byte[5 * 4096];
        random.nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            int[] sums = new int[20];

            TestLog.CHECKSUM.pages(pages, sums, 3, 4);

            for (int i = 0; i < 5; i++) {
                assertEquals(TestLog.CHECKSUM.page(pages.asSlice(i * 4096L, 4096)), sums[3 + 4 * i]);
            }
        }
    }

    @Test
    void aPageOfAnotherArrayHasAnotherChecksum() {
        byte[] otherUuid = TestLog.UUID.clone();
        otherUuid[15] ^= 1;
        MemorySegment page = MemorySegment.ofArray(new byte[4096]);

        assertNotEquals(TestLog.CHECKSUM.page(page), new LogChecksum(otherUuid).page(page));
    }

    @Test
    void onlyWholeBlocksAndWholeUuidsAreAccepted() {
        MemorySegment half = MemorySegment.ofArray(new byte[2048]);

        assertThrows(IllegalArgumentException.class, () -> TestLog.CHECKSUM.page(half));
        assertThrows(IllegalArgumentException.class, () -> TestLog.CHECKSUM.metaBlock(half));
        assertThrows(IllegalArgumentException.class, () -> new LogChecksum(new byte[15]));
    }

    private static MemorySegment emptyBlock() {
        MemorySegment block = MemorySegment.ofArray(new byte[4096]);
        new MetaBlockWriter(block).begin(0, new LogPosition(0, 0x12345678));
        return block;
    }

    /** An independent implementation: division by the polynomial, one bit at a time. */
    private static int rawCrc32c(int seed, byte[] bytes) {
        int crc = seed;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
            }
        }
        return crc;
    }
}
