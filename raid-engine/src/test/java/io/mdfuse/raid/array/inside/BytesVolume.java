package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/** A read-only volume in memory. */
@SuppressWarnings("ArrayRecordComponent") // The records are never compared.
public record BytesVolume(String name, byte[] bytes) implements Volume {
    private static final int EXTENT = 256 << 10;

    /**
     * A physical volume that lvm2 2.03.16 made, with random content: its first 64 KiB are the resource.
     *
     * @param extents how many extents of 256 KiB follow
     */
    public static BytesVolume physical(String resource, int extents) throws IOException {
        byte[] bytes = new byte[(64 << 10) + extents * EXTENT];
        new Random(resource.charAt(2)).nextBytes(bytes);
        try (InputStream head = new GZIPInputStream(
                Objects.requireNonNull(BytesVolume.class.getResourceAsStream("/lvm2/" + resource + ".gz")))) {
            byte[] made = head.readAllBytes();
            System.arraycopy(made, 0, bytes, 0, made.length);
        }
        return new BytesVolume(resource, bytes);
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
    public void read(long offsetBytes, MemorySegment target) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), offsetBytes, target, 0, target.byteSize());
    }

    /** A range of any volume. */
    public static byte[] read(Volume volume, long offsetBytes, int lengthBytes) throws IOException {
        byte[] target = new byte[lengthBytes];
        volume.read(offsetBytes, MemorySegment.ofArray(target));
        return MemorySegment.ofArray(target).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {}

    @Override
    public void zero(long offsetBytes, long lengthBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> attributes() {
        return Map.of();
    }
}
