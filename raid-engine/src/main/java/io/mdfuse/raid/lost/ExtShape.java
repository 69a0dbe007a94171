package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The numbers of an ext4 that say where its metadata lies, from any copy of its superblock (Linux fs/ext4/ext4.h,
 * {@code struct ext4_super_block}).
 *
 * @param firstBlock the block in which the first group begins: 1 if blocks have 1 KiB, otherwise 0
 * @param clustersPerGroup how many bits the block bitmap of a group has, each for a block unless the file system has
 *     larger clusters
 * @param uuid as stored; with {@code metadata_csum} it begins every checksum
 * @param checksums true if the metadata has checksums
 */
@SuppressWarnings("ArrayRecordComponent")
record ExtShape(
        byte[] uuid,
        int blockBytes,
        int firstBlock,
        long blocks,
        long blocksPerGroup,
        long clustersPerGroup,
        long inodesPerGroup,
        int inodeBytes,
        boolean checksums) {
    private static final int MAGIC = 0xef53;
    private static final int RO_COMPAT_METADATA_CSUM = 0x400;
    private static final int INCOMPAT_64BIT = 0x80;
    private static final int INCOMPAT_CSUM_SEED = 0x2000;

    /** A superblock that was found. */
    record Copy(ExtShape shape, int group, int offsetBytes) {
        /** The place in the volume of the 4096 bytes that hold the copy. */
        long volumeBytes() {
            return group == 0 ? 0 : (group * shape.blocksPerGroup + shape.firstBlock) * shape.blockBytes - offsetBytes;
        }
    }

    /** The superblock in 4096 bytes: the first lies 1024 bytes behind their start, others there or at the start. */
    static Optional<Copy> in(MemorySegment block) {
        if (le16(block, 1024 + 56) == MAGIC) {
            return at(block, 1024);
        }
        return le16(block, 56) == MAGIC && le16(block, 90) != 0 ? at(block, 0) : Optional.empty();
    }

    private static Optional<Copy> at(MemorySegment block, int from) {
        int incompat = le32(block, from + 96);
        long blocks = unsignedLe32(block, from + 4)
                | ((incompat & INCOMPAT_64BIT) != 0 ? unsignedLe32(block, from + 0x150) << 32 : 0);
        byte[] uuid = copy(block, from + 104, 16);
        int logBlock = le32(block, from + 24);
        if (logBlock < 0 || logBlock > 2) {
            return Optional.empty();
        }
        boolean seedIsUuid = (incompat & INCOMPAT_CSUM_SEED) == 0 || le32(block, from + 0x270) == checksum(uuid);
        ExtShape shape = new ExtShape(
                uuid,
                1024 << logBlock,
                le32(block, from + 20),
                blocks,
                unsignedLe32(block, from + 32),
                unsignedLe32(block, from + 36),
                unsignedLe32(block, from + 40),
                le16(block, from + 88),
                (le32(block, from + 100) & RO_COMPAT_METADATA_CSUM) != 0 && seedIsUuid);
        boolean sound = blocks > 0
                && (shape.firstBlock & ~1) == 0
                && shape.blocksPerGroup > 0
                && shape.blocksPerGroup <= 8L * BLOCK
                && shape.clustersPerGroup > 0
                && shape.clustersPerGroup <= 8L * shape.blockBytes
                && shape.inodesPerGroup > 0
                && shape.inodesPerGroup <= 8L * BLOCK
                && shape.inodeBytes >= 128
                && shape.inodeBytes <= BLOCK
                && Integer.bitCount(shape.inodeBytes) == 1;
        return sound ? Optional.of(new Copy(shape, le16(block, from + 90), from)) : Optional.empty();
    }

    /** ext4's crc32c: without the inversion at the end. */
    static int checksum(byte[]... parts) {
        CRC32C crc = new CRC32C();
        for (byte[] part : parts) {
            crc.update(part);
        }
        return withoutInversion(crc);
    }

    private static int withoutInversion(CRC32C crc) {
        return (int) ~crc.getValue();
    }

    /**
     * The checksum of a block bitmap, which covers the bits of the group's clusters and not the rest of the block
     * (Linux fs/ext4/bitmap.c, {@code ext4_block_bitmap_csum_set}).
     */
    int bitmapChecksum(byte[] block) {
        CRC32C crc = new CRC32C();
        crc.update(uuid);
        crc.update(block, 0, (int) (clustersPerGroup / 8));
        return withoutInversion(crc);
    }

    long groups() {
        return Math.ceilDiv(blocks - firstBlock, blocksPerGroup);
    }

    boolean isSame(ExtShape other) {
        return Arrays.equals(uuid, other.uuid) && blocks == other.blocks;
    }
}
