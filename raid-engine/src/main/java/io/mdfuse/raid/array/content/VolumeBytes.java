package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads small pieces of a volume. Bytes after the end of the volume read as zeros. */
public record VolumeBytes(Volume volume) {
    /** {@code lengthBytes} from {@code offsetBytes} on, as a buffer with this byte order. */
    ByteBuffer at(long offsetBytes, int lengthBytes, ByteOrder order) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        long presentBytes = Math.clamp(volume.sizeBytes() - offsetBytes, 0, lengthBytes);
        if (offsetBytes >= 0 && presentBytes > 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment target = arena.allocate(presentBytes);
                volume.read(offsetBytes, target);
                MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, bytes, 0, (int) presentBytes);
            }
        }
        return ByteBuffer.wrap(bytes).order(order);
    }

    /** {@code lengthBytes} from {@code offsetBytes} on, in little-endian order. */
    public ByteBuffer littleEndian(long offsetBytes, int lengthBytes) throws IOException {
        return at(offsetBytes, lengthBytes, ByteOrder.LITTLE_ENDIAN);
    }

    ByteBuffer bigEndian(long offsetBytes, int lengthBytes) throws IOException {
        return at(offsetBytes, lengthBytes, ByteOrder.BIG_ENDIAN);
    }

    boolean hasText(long offsetBytes, String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        return littleEndian(offsetBytes, wanted.length).equals(ByteBuffer.wrap(wanted));
    }
}
