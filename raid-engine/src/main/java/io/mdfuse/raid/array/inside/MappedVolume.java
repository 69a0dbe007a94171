package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A volume inside of others, such as a partition or a logical volume: read-only, made of pieces, each of which knows
 * where its bytes are. Thread-safe, as the volumes below are; it holds nothing open.
 */
public final class MappedVolume implements Volume {
    private final String name;
    private final NavigableMap<Long, Piece> pieces = new TreeMap<>();
    private final long sizeBytes;

    /**
     * A volume of pieces that follow each other without a gap.
     *
     * @param pieces by the offset of their first byte; the first begins at 0
     * @param sizeBytes where the last piece ends
     */
    MappedVolume(String name, Map<Long, Piece> pieces, long sizeBytes) {
        this.name = name;
        this.pieces.putAll(pieces);
        this.sizeBytes = sizeBytes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        if (offsetBytes < 0 || offsetBytes > sizeBytes - target.byteSize()) {
            throw new IndexOutOfBoundsException(name + ": " + target.byteSize() + " bytes at " + offsetBytes);
        }
        for (long done = 0; done < target.byteSize(); ) {
            long at = offsetBytes + done;
            Map.Entry<Long, Piece> piece = pieces.floorEntry(at);
            Long next = pieces.higherKey(at);
            long end = next == null ? sizeBytes : next;
            long length = Math.min(end - at, target.byteSize() - done);
            piece.getValue().read(at - piece.getKey(), target.asSlice(done, length));
            done += length;
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        throw refusal();
    }

    /** Nothing was written, so nothing waits to be flushed. */
    @Override
    public void flush() {}

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        throw refusal();
    }

    @Override
    public Map<String, String> attributes() {
        return Map.of("array_state", "readonly");
    }

    private IOException refusal() {
        return new IOException(name + " is inside of another volume, and is only read");
    }
}
