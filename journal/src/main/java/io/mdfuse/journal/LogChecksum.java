package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of the log's blocks: CRC-32C without the final inversion over the array's UUID and then the block, so
 * that the log of another array is not valid.
 *
 * <p>Java's {@link CRC32C} inverts at the end, so the stored value is the complement of its result. The object is
 * immutable: any thread may use it.
 */
public final class LogChecksum {
    private static final byte[] CHECKSUM_FIELD_AS_ZERO = new byte[Integer.BYTES];

    private final byte[] setUuid;

    /** @param setUuid the array's UUID: the 16 bytes of the superblock's set_uuid */
    public LogChecksum(byte[] setUuid) {
        if (setUuid.length != 16) {
            throw new IllegalArgumentException("a UUID has 16 bytes, not " + setUuid.length);
        }
        this.setUuid = setUuid.clone();
    }

    /**
     * Returns the checksum of one page.
     *
     * @throws IllegalArgumentException if {@code page} has another length than 4096 bytes
     */
    public int page(MemorySegment page) {
        requireBlock(page);
        CRC32C crc = begin();
        crc.update(page.asByteBuffer());
        return stored(crc);
    }

    /**
     * Returns the checksum of a meta block: over all 4096 bytes, independent of meta_size, with the checksum field
     * counted as zero.
     *
     * @throws IllegalArgumentException if {@code block} has another length than 4096 bytes
     */
    public int metaBlock(MemorySegment block) {
        requireBlock(block);
        ByteBuffer bytes = block.asByteBuffer();
        CRC32C crc = begin();
        crc.update(bytes.limit(MetaBlockLayout.CHECKSUM));
        crc.update(CHECKSUM_FIELD_AS_ZERO);
        crc.update(bytes.limit(Sectors.BLOCK_BYTES).position(MetaBlockLayout.CHECKSUM + Integer.BYTES));
        return stored(crc);
    }

    /** Computes the checksums of consecutive pages: that of page i is stored in {@code into[first + i * stride]}. */
    void pages(MemorySegment pages, int[] into, int first, int stride) {
        ByteBuffer bytes = pages.asByteBuffer();
        CRC32C crc = new CRC32C();
        int index = first;
        for (int start = 0; start < bytes.capacity(); start += Sectors.BLOCK_BYTES) {
            crc.reset();
            crc.update(setUuid);
            crc.update(bytes.limit(start + Sectors.BLOCK_BYTES).position(start));
            into[index] = stored(crc);
            index += stride;
        }
    }

    private CRC32C begin() {
        CRC32C crc = new CRC32C();
        crc.update(setUuid);
        return crc;
    }

    private static int stored(CRC32C crc) {
        return ~(int) crc.getValue();
    }

    private static void requireBlock(MemorySegment block) {
        if (block.byteSize() != Sectors.BLOCK_BYTES) {
            throw new IllegalArgumentException("a block of the log has 4096 bytes, not " + block.byteSize());
        }
    }
}
