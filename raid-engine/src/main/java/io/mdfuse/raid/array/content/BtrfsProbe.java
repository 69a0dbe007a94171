package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.content.VolumeContent.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * btrfs, by the superblock at 64 KiB (Linux, include/uapi/linux/btrfs_tree.h, {@code struct btrfs_super_block}). A log
 * tree exists from an fsync to the next commit; after a crash in between it must be replayed.
 */
final class BtrfsProbe implements VolumeProbe {
    private static final int SUPERBLOCK = 64 << 10;
    private static final int MAGIC = 0x40;
    private static final int LOG_ROOT = 0x60;
    private static final int SECTOR_SIZE = 0x90;

    @Override
    public Optional<VolumeContent> look(VolumeBytes bytes) throws IOException {
        if (!bytes.hasText(SUPERBLOCK + MAGIC, "_BHRfS_M")) {
            return Optional.empty();
        }
        ByteBuffer superblock = bytes.littleEndian(SUPERBLOCK, 4096);
        Log log = superblock.getLong(LOG_ROOT) == 0 ? Log.CLEAN : Log.TO_BE_REPLAYED;
        return Optional.of(VolumeContent.fileSystem("btrfs", superblock.getInt(SECTOR_SIZE) >= 4096, log, 0));
    }
}
