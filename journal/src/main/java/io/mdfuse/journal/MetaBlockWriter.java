package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Builds one meta block after the other inside a larger piece of memory. {@code meta_size} is correct after each
 * payload; the checksum is zero until {@link #seal}, which is called once no payload will be added any more.
 */
final class MetaBlockWriter {
    private final MemorySegment memory;
    private long blockOffset;
    private int usedBytes;

    /** @param memory in which {@link #begin} creates blocks */
    MetaBlockWriter(MemorySegment memory) {
        this.memory = memory;
    }

    /** Creates an empty block at {@code blockOffset} bytes within the memory; the payloads that follow go into it. */
    void begin(long blockOffset, LogPosition position) {
        this.blockOffset = blockOffset;
        memory.asSlice(blockOffset, Sectors.BLOCK_BYTES).fill((byte) 0);
        memory.set(MetaBlockLayout.LE32, blockOffset + MetaBlockLayout.MAGIC, MetaBlockLayout.MAGIC_VALUE);
        memory.set(ValueLayout.JAVA_BYTE, blockOffset + MetaBlockLayout.VERSION, MetaBlockLayout.VERSION_VALUE);
        memory.set(MetaBlockLayout.LE64, blockOffset + MetaBlockLayout.SEQUENCE, position.sequence());
        memory.set(MetaBlockLayout.LE64, blockOffset + MetaBlockLayout.POSITION, position.sector());
        use(MetaBlockLayout.HEADER_BYTES);
    }

    /** Whether the current block has space for a payload of this many bytes. */
    boolean fits(int payloadBytes) {
        return usedBytes + payloadBytes <= Sectors.BLOCK_BYTES;
    }

    void putData(long arraySector, int checksum) {
        long at = putHeader(MetaBlockLayout.TYPE_DATA, Sectors.PER_BLOCK, arraySector);
        memory.set(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_CHECKSUMS, checksum);
        use(usedBytes + MetaBlockLayout.ONE_PAGE_BYTES);
    }

    void putParity(long stripeSector, int pChecksum) {
        long at = putHeader(MetaBlockLayout.TYPE_PARITY, Sectors.PER_BLOCK, stripeSector);
        memory.set(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_CHECKSUMS, pChecksum);
        use(usedBytes + MetaBlockLayout.ONE_PAGE_BYTES);
    }

    void putParity(long stripeSector, int pChecksum, int qChecksum) {
        long at = putHeader(MetaBlockLayout.TYPE_PARITY, 2 * Sectors.PER_BLOCK, stripeSector);
        memory.set(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_CHECKSUMS, pChecksum);
        memory.set(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_CHECKSUMS + Integer.BYTES, qChecksum);
        use(usedBytes + MetaBlockLayout.TWO_PAGES_BYTES);
    }

    /** Adds a FLUSH payload of one stripe: like the kernel, one payload for each stripe. */
    void putFlush(long stripeSector) {
        putHeader(MetaBlockLayout.TYPE_FLUSH, Long.BYTES, stripeSector);
        use(usedBytes + MetaBlockLayout.FLUSH_ONE_BYTES);
    }

    /** Stores the checksum of the block at {@code blockOffset}. The block must not be changed afterwards. */
    void seal(long blockOffset, LogChecksum checksum) {
        MemorySegment block = memory.asSlice(blockOffset, Sectors.BLOCK_BYTES);
        block.set(MetaBlockLayout.LE32, MetaBlockLayout.CHECKSUM, checksum.metaBlock(block));
    }

    private long putHeader(short type, int size, long location) {
        long at = blockOffset + usedBytes;
        memory.set(MetaBlockLayout.LE16, at + MetaBlockLayout.PAYLOAD_TYPE, type);
        memory.set(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_SIZE, size);
        memory.set(MetaBlockLayout.LE64, at + MetaBlockLayout.PAYLOAD_LOCATION, location);
        return at;
    }

    private void use(int bytes) {
        usedBytes = bytes;
        memory.set(MetaBlockLayout.LE32, blockOffset + MetaBlockLayout.META_SIZE, bytes);
    }
}
