package io.mdfuse.raid.lost;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads numbers of both byte orders from a block. */
final class BlockBytes {
    static final int BLOCK = 4096;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BlockBytes() {}

    static int le16(MemorySegment block, long at) {
        return block.get(LE16, at) & 0xffff;
    }

    static int le32(MemorySegment block, long at) {
        return block.get(LE32, at);
    }

    static long unsignedLe32(MemorySegment block, long at) {
        return block.get(LE32, at) & 0xffff_ffffL;
    }

    static long le64(MemorySegment block, long at) {
        return block.get(LE64, at);
    }

    static int be16(MemorySegment block, long at) {
        return block.get(BE16, at) & 0xffff;
    }

    static int be32(MemorySegment block, long at) {
        return block.get(BE32, at);
    }

    static long be64(MemorySegment block, long at) {
        return block.get(BE64, at);
    }

    static int unsignedByte(MemorySegment block, long at) {
        return block.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    /** True if the text stands there, byte by byte. */
    static boolean isText(MemorySegment block, long at, String text) {
        for (int index = 0; index < text.length(); index++) {
            if (unsignedByte(block, at + index) != text.charAt(index)) {
                return false;
            }
        }
        return true;
    }

    static byte[] copy(MemorySegment block, long at, int length) {
        return block.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
