package io.mdfuse.raid.array.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * XFS, by the superblock in sector 0 (Linux, fs/xfs/libxfs/xfs_format.h, {@code struct xfs_dsb}). Linux refuses a
 * device whose sectors are larger than those that the file system was made for ("device supports 4096 byte sectors (not
 * 512)").
 */
final class XfsProbe implements VolumeProbe {
    private static final int BLOCK_SIZE = 4;
    private static final int LOG_START = 48;
    private static final int AG_BLOCKS = 84;
    private static final int LOG_BLOCKS = 96;
    private static final int SECTOR_SIZE = 102;
    private static final int AG_BLOCKS_LOG = 124;

    @Override
    public Optional<VolumeContent> look(VolumeBytes bytes) throws IOException {
        if (!bytes.hasText(0, "XFSB")) {
            return Optional.empty();
        }
        ByteBuffer superblock = bytes.bigEndian(0, 512);
        int blockBytes = superblock.getInt(BLOCK_SIZE);
        long logBytes = (superblock.getInt(LOG_BLOCKS) & 0xffffffffL) * blockBytes;
        boolean fits = (superblock.getShort(SECTOR_SIZE) & 0xffff) >= 4096;
        long logStart = superblock.getLong(LOG_START);
        if (logStart == 0 || blockBytes < 512 || logBytes <= 0) {
            // An external log is on a device that is not given.
            return Optional.of(VolumeContent.fileSystem("XFS", fits, VolumeContent.Log.UNKNOWN, 0));
        }
        long agShift = superblock.get(AG_BLOCKS_LOG);
        long agNumber = logStart >>> agShift;
        long agBlock = logStart & ((1L << agShift) - 1);
        long agBlocks = superblock.getInt(AG_BLOCKS) & 0xffffffffL;
        XfsLog log = new XfsLog(bytes, (agNumber * agBlocks + agBlock) * blockBytes, logBytes / XfsLog.BLOCK_BYTES);
        return Optional.of(VolumeContent.fileSystem("XFS", fits, log.state(), logBytes));
    }
}
