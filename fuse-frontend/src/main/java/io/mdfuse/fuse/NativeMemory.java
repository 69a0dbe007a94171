package io.mdfuse.fuse;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Memory of libfuse, given by its address. It is valid only while the callback runs that the address came with. */
final class NativeMemory {
    private NativeMemory() {}

    @SuppressWarnings("restricted") // The address and the length are libfuse's.
    static MemorySegment segment(long address, long lengthBytes) {
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }

    /** A string that ends with a zero byte. */
    static String string(long address) {
        return segment(address, Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
    }

    /**
     * Copies {@code value} into libfuse's buffer, and returns its length, as getxattr and listxattr expect.
     *
     * @param capacityBytes the length of the buffer, at least that of the value; 0 if only the length is asked for
     */
    static int copy(byte[] value, long buffer, long capacityBytes) {
        if (capacityBytes != 0) {
            segment(buffer, value.length).copyFrom(MemorySegment.ofArray(value));
        }
        return value.length;
    }
}
