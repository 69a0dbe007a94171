package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The numbers of a btrfs that say which blocks are its own, from any copy of its superblock (Linux
 * include/uapi/linux/btrfs_tree.h, {@code struct btrfs_super_block}). A copy has its own place in the volume at 48.
 *
 * @param treeId the UUID in the head of each tree block: the file system's, or the older one that the metadata kept
 * @param deviceId the UUID of the one device, the volume
 * @param bytes the size of the volume
 * @param nodeBytes the size of a tree block
 * @param crc32c true if tree blocks have checksums of that kind, which are compared
 */
@SuppressWarnings("ArrayRecordComponent")
record BtrfsShape(
        byte[] treeId, byte[] deviceId, long bytes, int nodeBytes, boolean crc32c, List<BtrfsChunk> systemChunks) {
    private static final String MAGIC = "_BHRfS_M";
    private static final int MAGIC_AT = 64;
    private static final int INCOMPAT_METADATA_UUID = 0x400;
    private static final int SYSTEM_CHUNKS_AT = 811;
    private static final int MAX_SYSTEM_CHUNK_BYTES = 2048;
    private static final int MAX_NODE = 64 << 10;

    /** A superblock that was found. */
    record Copy(BtrfsShape shape, long volumeBytes) {}

    static Optional<Copy> in(MemorySegment block) {
        if (!isText(block, MAGIC_AT, MAGIC)) {
            return Optional.empty();
        }
        long place = le64(block, 48);
        int nodeBytes = le32(block, 148);
        int chunkBytes = le32(block, 160);
        boolean sound = place > 0
                && place % BLOCK == 0
                && Integer.bitCount(nodeBytes) == 1
                && nodeBytes >= BLOCK
                && nodeBytes <= MAX_NODE
                && le64(block, 136) == 1
                && chunkBytes >= 0
                && chunkBytes <= MAX_SYSTEM_CHUNK_BYTES;
        if (!sound) {
            return Optional.empty();
        }
        boolean ownTreeId = (le64(block, 188) & INCOMPAT_METADATA_UUID) != 0;
        byte[] deviceId = copy(block, 267, 16);
        return Optional.of(new Copy(
                new BtrfsShape(
                        copy(block, ownTreeId ? 571 : 32, 16),
                        deviceId,
                        le64(block, 112),
                        nodeBytes,
                        le16(block, 196) == 0,
                        BtrfsChunk.array(block, SYSTEM_CHUNKS_AT, SYSTEM_CHUNKS_AT + chunkBytes)),
                place));
    }

    boolean isSame(BtrfsShape other) {
        return Arrays.equals(treeId, other.treeId) && Arrays.equals(deviceId, other.deviceId);
    }

    /** True if the block begins a tree block of this file system. */
    boolean isTreeBlock(MemorySegment block) {
        return block.asSlice(32, 16).mismatch(MemorySegment.ofArray(treeId)) < 0
                && !isText(block, MAGIC_AT, MAGIC)
                && unsignedByte(block, 100) < 8
                && le64(block, 48) > 0
                && le64(block, 48) % BLOCK == 0;
    }
}
