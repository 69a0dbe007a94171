package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides whether 4096 bytes are a meta block, by the rules of {@link MetaBlockLayout}, and parses it. */
final class MetaBlockReader {
    private MetaBlockReader() {}

    /** Whether the block is valid at {@code sector}. The sequence is not checked. */
    static boolean isValid(MemorySegment block, long sector, LogChecksum checksum) {
        // The fields first: they cost less than the checksum and exclude nearly every block that is no meta block.
        return block.get(MetaBlockLayout.LE32, MetaBlockLayout.MAGIC) == MetaBlockLayout.MAGIC_VALUE
                && block.get(ValueLayout.JAVA_BYTE, MetaBlockLayout.VERSION) == MetaBlockLayout.VERSION_VALUE
                && block.get(MetaBlockLayout.LE64, MetaBlockLayout.POSITION) == sector
                && Integer.compareUnsigned(metaSize(block), Sectors.BLOCK_BYTES) <= 0
                && block.get(MetaBlockLayout.LE32, MetaBlockLayout.CHECKSUM) == checksum.metaBlock(block);
    }

    static long sequence(MemorySegment block) {
        return block.get(MetaBlockLayout.LE64, MetaBlockLayout.SEQUENCE);
    }

    /** Parses a valid block; null if the block is malformed. */
    static @Nullable MetaBlock parse(MemorySegment block) {
        List<Payload> payloads = new ArrayList<>();
        List<Integer> pageChecksums = new ArrayList<>();
        int metaSize = metaSize(block);
        int at = MetaBlockLayout.HEADER_BYTES;
        while (at < metaSize) {
            // The payload's header, and then the complete payload, must end within meta_size.
            int bytes = metaSize - at < MetaBlockLayout.FLUSH_HEADER_BYTES ? 0 : payloadBytes(block, at);
            if (bytes == 0 || bytes > metaSize - at) {
                return null;
            }
            Payload payload = payload(block, at, bytes);
            if (payload == null) {
                return null;
            }
            payloads.add(payload);
            if (!(payload instanceof Payload.Flush)) {
                for (int sum = MetaBlockLayout.PAYLOAD_CHECKSUMS; sum < bytes; sum += Integer.BYTES) {
                    pageChecksums.add(block.get(MetaBlockLayout.LE32, at + sum));
                }
            }
            at += bytes;
        }
        if (at != metaSize) {
            return null;
        }
        long sector = block.get(MetaBlockLayout.LE64, MetaBlockLayout.POSITION);
        return new MetaBlock(new LogPosition(sector, sequence(block)), payloads, pageChecksums);
    }

    /** The length in bytes of the payload at {@code at}, by its type and size; 0 if the payload is malformed. */
    private static int payloadBytes(MemorySegment block, int at) {
        short type = block.get(MetaBlockLayout.LE16, at + MetaBlockLayout.PAYLOAD_TYPE);
        short flags = block.get(MetaBlockLayout.LE16, at + MetaBlockLayout.PAYLOAD_FLAGS);
        int size = block.get(MetaBlockLayout.LE32, at + MetaBlockLayout.PAYLOAD_SIZE);
        if (flags != 0) {
            return 0;
        }
        boolean onePage = size == Sectors.PER_BLOCK;
        boolean twoPages = size == 2 * Sectors.PER_BLOCK;
        boolean list = size > 0 && size % Long.BYTES == 0 && size <= MetaBlockLayout.MAX_PAYLOAD_BYTES;
        return switch (type) {
            case MetaBlockLayout.TYPE_DATA -> onePage ? MetaBlockLayout.ONE_PAGE_BYTES : 0;
            case MetaBlockLayout.TYPE_PARITY ->
                onePage ? MetaBlockLayout.ONE_PAGE_BYTES : twoPages ? MetaBlockLayout.TWO_PAGES_BYTES : 0;
            case MetaBlockLayout.TYPE_FLUSH -> list ? MetaBlockLayout.FLUSH_HEADER_BYTES + size : 0;
            default -> 0;
        };
    }

    private static @Nullable Payload payload(MemorySegment block, int at, int bytes) {
        List<Long> sectors = new ArrayList<>();
        short type = block.get(MetaBlockLayout.LE16, at + MetaBlockLayout.PAYLOAD_TYPE);
        int sectorsEnd = type == MetaBlockLayout.TYPE_FLUSH ? bytes : MetaBlockLayout.PAYLOAD_CHECKSUMS;
        for (int offset = MetaBlockLayout.PAYLOAD_LOCATION; offset < sectorsEnd; offset += Long.BYTES) {
            long sector = block.get(MetaBlockLayout.LE64, at + offset);
            if (sector < 0 || sector % Sectors.PER_BLOCK != 0) {
                return null;
            }
            sectors.add(sector);
        }
        return switch (type) {
            case MetaBlockLayout.TYPE_DATA -> new Payload.Data(sectors.getFirst());
            case MetaBlockLayout.TYPE_PARITY ->
                new Payload.Parity(sectors.getFirst(), bytes == MetaBlockLayout.TWO_PAGES_BYTES);
            default -> new Payload.Flush(List.copyOf(sectors));
        };
    }

    private static int metaSize(MemorySegment block) {
        return block.get(MetaBlockLayout.LE32, MetaBlockLayout.META_SIZE);
    }
}
