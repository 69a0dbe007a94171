package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.content.VolumeContent.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * ext2, ext3 and ext4, by the superblock at byte 1024 (Linux, fs/ext4/ext4.h, {@code struct ext4_super_block}). Linux
 * refuses a file system whose blocks are smaller than the device's sectors ("bad block size 1024").
 */
final class ExtProbe implements VolumeProbe {
    private static final int SUPERBLOCK = 1024;
    private static final int LOG_BLOCK_SIZE = 0x18;
    private static final int MAGIC = 0x38;
    private static final int COMPAT = 0x5c;
    private static final int INCOMPAT = 0x60;
    private static final int JOURNAL_BACKUP_TYPE = 0xfd;
    private static final int JOURNAL_SIZE_HIGH = 0x10c + 15 * 4;
    private static final int JOURNAL_SIZE_LOW = 0x10c + 16 * 4;

    private static final int COMPAT_HAS_JOURNAL = 0x4;
    private static final int INCOMPAT_RECOVER = 0x4;
    private static final int INCOMPAT_EXTENTS = 0x40;
    private static final int LARGEST_LOG_BLOCK_SIZE = 6;
    private static final int BLOCKS_OF_4096 = 2;

    @Override
    public Optional<VolumeContent> look(VolumeBytes bytes) throws IOException {
        ByteBuffer superblock = bytes.littleEndian(SUPERBLOCK, 1024);
        int logBlockSize = superblock.getInt(LOG_BLOCK_SIZE);
        if ((superblock.getShort(MAGIC) & 0xffff) != 0xef53
                || logBlockSize < 0
                || logBlockSize > LARGEST_LOG_BLOCK_SIZE) {
            return Optional.empty();
        }
        int incompat = superblock.getInt(INCOMPAT);
        boolean journaled = (superblock.getInt(COMPAT) & COMPAT_HAS_JOURNAL) != 0;
        String kind = (incompat & INCOMPAT_EXTENTS) != 0 ? "ext4" : journaled ? "ext3" : "ext2";
        boolean needsRecovery = (incompat & INCOMPAT_RECOVER) != 0;
        return Optional.of(VolumeContent.fileSystem(
                kind,
                logBlockSize >= BLOCKS_OF_4096,
                needsRecovery ? Log.TO_BE_REPLAYED : Log.CLEAN,
                journalBytes(superblock)));
    }

    /** The journal's length, from the copy of its inode in the superblock; 0 if there is no copy. */
    private static long journalBytes(ByteBuffer superblock) {
        if (superblock.get(JOURNAL_BACKUP_TYPE) != 1) {
            return 0;
        }
        long high = superblock.getInt(JOURNAL_SIZE_HIGH);
        return Math.max(0, high << 32 | (superblock.getInt(JOURNAL_SIZE_LOW) & 0xffffffffL));
    }
}
