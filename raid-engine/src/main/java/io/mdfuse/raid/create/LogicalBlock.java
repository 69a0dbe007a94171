package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Superblock;
import java.util.Collection;

/**
 * The array's logical block size: the largest of the size that its superblocks record and of its members' own sizes. A
 * device that joins must not have a larger one (Linux md: "incompatible logical_block_size, can not add"). Otherwise
 * the array's logical block would grow, and when md serves the array, a file system that was made for smaller sectors
 * could not be mounted any more.
 */
public final class LogicalBlock {
    private LogicalBlock() {}

    /**
     * The logical block size of an array in bytes.
     *
     * @param members the members that are present
     */
    public static int ofArray(Superblock reference, Collection<? extends BlockDevice> members) {
        int blockBytes = Math.max(Sectors.BYTES, reference.logicalBlockBytes());
        for (BlockDevice member : members) {
            blockBytes = Math.max(blockBytes, member.logicalBlockBytes());
        }
        return blockBytes;
    }

    /**
     * Refuses a device whose logical block is larger than the array's.
     *
     * @throws ArrayRefusedException UNSUPPORTED, with both sizes
     */
    public static void requireFits(BlockDevice device, int arrayBlockBytes) throws ArrayRefusedException {
        if (device.logicalBlockBytes() > arrayBlockBytes) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": has logical blocks of " + device.logicalBlockBytes()
                            + " bytes, and the array of " + arrayBlockBytes
                            + "; a device with larger blocks than the array can't join: use another device");
        }
    }
}
