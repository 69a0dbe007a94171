package io.mdfuse.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Converts a member's metadata 0.90 to what a big-endian machine would have written. Its data has no byte order. */
final class ForeignByteOrder {
    /** Byte offsets of its 64-bit numbers: events, cp_events, reshape_position. */
    private static final int[] LONGS = {156, 164, 176};

    /** The first bytes of the bitmap superblock, and the offset of the array's identity in it. */
    private static final int BITMAP_MAGIC = 0x6d746962;

    private static final int BITMAP_UUID = 4096 + 8;

    private ForeignByteOrder() {}

    static void swap(Path member) throws IOException {
        try (FileChannel file = FileChannel.open(member, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long place = file.size() / 65536 * 65536 - 65536;
            ByteBuffer ours = ByteBuffer.allocate(4096 + 256).order(ByteOrder.LITTLE_ENDIAN);
            while (ours.hasRemaining() && file.read(ours, place + ours.position()) > 0) {}
            ByteBuffer theirs = ByteBuffer.wrap(ours.array().clone()).order(ByteOrder.BIG_ENDIAN);
            for (int at = 0; at < 4096; at += 4) {
                theirs.putInt(at, ours.getInt(at));
            }
            for (int at : LONGS) {
                theirs.putLong(at, ours.getLong(at));
            }
            // The bitmap is little-endian everywhere, except for the identity, which is copied from the superblock
            // unchanged.
            boolean bitmap = ours.getInt(4096) == BITMAP_MAGIC;
            for (int at = BITMAP_UUID; bitmap && at < BITMAP_UUID + 16; at += 4) {
                theirs.putInt(at, ours.getInt(at));
            }
            file.write(theirs.rewind(), place);
        }
    }
}
