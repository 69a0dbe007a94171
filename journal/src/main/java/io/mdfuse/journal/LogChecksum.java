package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of the log's blocks: CRC-32C without the final inversion, begun with the array's UUID, so that the log
 * of another array never looks valid here.
 *
 * <p>Java's {@link CRC32C} inverts at the end; the stored value is therefore the complement of what it returns for the
 * 16 UUID bytes followed by the block. The object holds no state between calls: any thread may use it.
 */
public final class LogChecksum {
    private static final byte[] CHECKSUM_FIELD_AS_ZERO = new byte[Integer.BYTES];

    private final byte[] setUuid;

    /** @param setUuid the array's UUID, 16 bytes as they lie in the superblock */
    public LogChecksum(byte[] setUuid) {
        if (setUuid.length != 16) {
            throw new IllegalArgumentException("a UUID has 16 bytes, not " + setUuid.length);
        }
        this.setUuid = setUuid.clone();
    }

    /** The checksum of one page: 4096 bytes. */
    public int page(MemorySegment page) {
        requireBlock(page);
        CRC32C crc = begin();
        crc.update(page.asByteBuffer());
        return stored(crc);
    }

    /** The checksum of a meta block: 4096 bytes whatever its meta_size, the checksum field taken as zero. */
    public int metaBlock(MemorySegment block) {
        requireBlock(block);
        ByteBuffer bytes = block.asByteBuffer();
        CRC32C crc = begin();
        crc.update(bytes.limit(MetaBlockLayout.CHECKSUM));
        crc.update(CHECKSUM_FIELD_AS_ZERO);
        crc.update(bytes.limit(Sectors.BLOCK_BYTES).position(MetaBlockLayout.CHECKSUM + Integer.BYTES));
        return stored(crc);
    }

    /**
     * The checksums of many pages that lie one behind the other: that of page i goes to {@code into[first + i *
     * stride]}.
     */
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
