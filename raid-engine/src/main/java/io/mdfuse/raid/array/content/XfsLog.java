package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.content.VolumeContent.Log;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The log of an XFS, read as far as needed to know whether it must be replayed. XFS has no flag for that: its log is
 * clean if the last record was written by an unmount (Linux, fs/xfs/xfs_log_recover.c and libxfs/xfs_log_format.h).
 *
 * <p>The log is a ring of 512-byte blocks. Each block contains the number of its cycle: the first block of a record in
 * the second word of the header, any other block in its first word. The newest block is the last one of the highest
 * cycle, and the blocks after it are of the cycle before. The block where the number drops is found by bisection.
 *
 * <p>A power failure can leave a few blocks around that block out of order. XFS then searches further; for this class
 * such a log does not end in an unmount record, so it counts as a log to be replayed, which is the safe answer.
 */
record XfsLog(VolumeBytes bytes, long offsetBytes, long blocks) {
    static final int BLOCK_BYTES = 512;

    private static final int HEADER_MAGIC = 0xfeedbabe;
    private static final int HEADER_LEN = 12;
    private static final int HEADER_OPS = 40;
    private static final int HEADER_SIZE = 320;
    private static final int OP_FLAGS = 9;
    private static final int UNMOUNT_FLAG = 0x20;
    /** How many bytes of a record one header block describes; a longer record has several header blocks. */
    private static final int BYTES_OF_ONE_HEADER = 32 << 10;
    /** The longest record: 256 KiB after eight header blocks. */
    private static final int MOST_RECORD_BLOCKS = 8 + (256 << 10) / BLOCK_BYTES;

    Log state() throws IOException {
        long head = head();
        for (int back = 1; back <= Math.min(MOST_RECORD_BLOCKS, blocks); back++) {
            long block = Math.floorMod(head - back, blocks);
            if (bytes.bigEndian(offsetBytes + block * BLOCK_BYTES, 4).getInt(0) == HEADER_MAGIC) {
                return isUnmountRecord(block, back) ? Log.CLEAN : Log.TO_BE_REPLAYED;
            }
        }
        return Log.TO_BE_REPLAYED;
    }

    /** The block after the newest one. */
    private long head() throws IOException {
        int first = cycle(0);
        int last = cycle(blocks - 1);
        if (first == last) {
            return 0;
        }
        long newer = 0;
        long older = blocks - 1;
        while (older - newer > 1) {
            long middle = (newer + older) / 2;
            if (cycle(middle) == first) {
                newer = middle;
            } else {
                older = middle;
            }
        }
        return older;
    }

    private int cycle(long block) throws IOException {
        ByteBuffer start = bytes.bigEndian(offsetBytes + block * BLOCK_BYTES, 8);
        return start.getInt(0) == HEADER_MAGIC ? start.getInt(4) : start.getInt(0);
    }

    /** True if the record that starts at the block is this many blocks long, and an unmount wrote it. */
    private boolean isUnmountRecord(long block, int recordBlocks) throws IOException {
        ByteBuffer header = bytes.bigEndian(offsetBytes + block * BLOCK_BYTES, BLOCK_BYTES);
        int headers = Math.max(1, Math.ceilDiv(header.getInt(HEADER_SIZE), BYTES_OF_ONE_HEADER));
        int dataBlocks = Math.ceilDiv(header.getInt(HEADER_LEN), BLOCK_BYTES);
        if (header.getInt(HEADER_OPS) != 1 || headers + dataBlocks != recordBlocks) {
            return false;
        }
        long data = Math.floorMod(block + headers, blocks);
        ByteBuffer operation = bytes.bigEndian(offsetBytes + data * BLOCK_BYTES, BLOCK_BYTES);
        return (operation.get(OP_FLAGS) & UNMOUNT_FLAG) != 0;
    }
}
