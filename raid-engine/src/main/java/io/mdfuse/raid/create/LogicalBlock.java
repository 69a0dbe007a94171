package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Superblock;
import java.util.Collection;

/**
 * The array's logical block: the largest of what its superblocks record and of its members' own. A device that joins
 * may not have a larger one (Linux md: "incompatible logical_block_size, can not add"): the array's own would grow with
 * the device, and a file system made for smaller sectors could not be mounted any more when md has the array.
 */
public final class LogicalBlock {
    private LogicalBlock() {}

    /** The logical block of an array in bytes, given its members that are there. */
    public static int ofArray(Superblock reference, Collection<? extends BlockDevice> members) {
        int blockBytes = Math.max(Sectors.BYTES, reference.logicalBlockBytes());
        for (BlockDevice member : members) {
            blockBytes = Math.max(blockBytes, member.logicalBlockBytes());
        }
        return blockBytes;
    }

    /** Refuses a device whose own logical block is larger than the array's. */
    public static void requireFits(BlockDevice device, int arrayBlockBytes) throws ArrayRefusedException {
        if (device.logicalBlockBytes() > arrayBlockBytes) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": has logical blocks of " + device.logicalBlockBytes()
                            + " bytes, and the array of " + arrayBlockBytes
                            + "; a device of the array has no larger ones: use another device");
        }
    }
}
