package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of a btrfs' logical addresses and where it lies in the volume (Linux include/uapi/linux/btrfs_tree.h,
 * {@code struct btrfs_chunk}): once, or twice if the chunk is DUP.
 *
 * <pre>
 *    0  8  length               24  8  type: RAID0, RAID10, RAID5 and RAID6 need more than one device
 *    8  8  owner, always 2      44  2  number of stripes
 *   16  8  stripe length: 64 K  48     of each stripe: device 8, place in the volume 8, the device's UUID 16
 * </pre>
 *
 * @param volumeBytes the places of the copies
 */
record BtrfsChunk(long logicalBytes, long lengthBytes, List<Long> volumeBytes) {
    private static final int KEY_BYTES = 17;
    private static final int STRIPES_AT = 48;
    private static final int STRIPE_BYTES = 32;
    private static final int EXTENT_TREE = 2;
    private static final long STRIPE_LENGTH = 64 << 10;

    /** The chunks of an array of keys and chunks, as in the superblock; those before the first that is not sound. */
    static List<BtrfsChunk> array(MemorySegment block, int from, int to) {
        List<BtrfsChunk> chunks = new ArrayList<>();
        int at = from;
        while (at + KEY_BYTES + STRIPES_AT + STRIPE_BYTES <= to) {
            int stripes = le16(block, at + KEY_BYTES + 44);
            int bytes = STRIPES_AT + stripes * STRIPE_BYTES;
            if (at + KEY_BYTES + bytes > to || !isSound(block, at + KEY_BYTES, bytes)) {
                break;
            }
            chunks.add(of(block, at + KEY_BYTES, le64(block, at + 9)));
            at += KEY_BYTES + bytes;
        }
        return List.copyOf(chunks);
    }

    /** True if a chunk of this size stands there. */
    static boolean isSound(MemorySegment block, int at, int bytes) {
        int stripes = at + STRIPES_AT <= block.byteSize() ? le16(block, at + 44) : 0;
        return (stripes == 1 || stripes == 2)
                && bytes == STRIPES_AT + stripes * STRIPE_BYTES
                && at + bytes <= block.byteSize()
                && le64(block, at + 8) == EXTENT_TREE
                && le64(block, at + 16) == STRIPE_LENGTH
                && le64(block, at) > 0;
    }

    static BtrfsChunk of(MemorySegment block, int at, long logicalBytes) {
        List<Long> places = new ArrayList<>();
        for (int stripe = 0; stripe < le16(block, at + 44); stripe++) {
            places.add(le64(block, at + STRIPES_AT + stripe * STRIPE_BYTES + 8));
        }
        return new BtrfsChunk(logicalBytes, le64(block, at), List.copyOf(places));
    }

    /** The places of a logical address; none if it is not of this chunk. */
    List<Long> places(long logical) {
        long within = logical - logicalBytes;
        if (within < 0 || within >= lengthBytes) {
            return List.of();
        }
        return volumeBytes.stream().map(place -> place + within).toList();
    }
}
