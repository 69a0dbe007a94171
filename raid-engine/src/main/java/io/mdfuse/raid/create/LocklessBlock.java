package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import java.util.List;

/**
 * The largest logical block of an array with a lockless bitmap. Linux md stores the states in units of the array's
 * logical block. If that block is larger than the head, the head and the first states share one block, and from the
 * second write to that block on Linux 7.3 marks the head as if it were states. md then refuses the array
 * (findings/md-lockless-bitmap-overwrites-its-head.sh).
 */
final class LocklessBlock {
    private LocklessBlock() {}

    /**
     * Refuses a lockless bitmap if the array's logical block is larger than the head of the bitmap.
     *
     * @param recordedBytes the size that the superblocks are to record, or 0
     * @throws ArrayRefusedException UNSAFE, with the sizes that work
     */
    static void check(List<BlockDevice> devices, int recordedBytes) throws ArrayRefusedException {
        for (BlockDevice device : devices) {
            if (device.logicalBlockBytes() > BitmapSuperblock.STATES) {
                throw unsafe(
                        device.name() + ": has logical blocks of " + device.logicalBlockBytes() + " bytes",
                        "use --bitmap internal");
            }
        }
        if (recordedBytes > BitmapSuperblock.STATES) {
            throw unsafe(
                    "a logical block of " + recordedBytes + " bytes is asked for",
                    "use --logical-block-size of at most " + BitmapSuperblock.STATES + ", or --bitmap internal");
        }
    }

    private static ArrayRefusedException unsafe(String found, String instead) {
        return new ArrayRefusedException(
                Reason.UNSAFE,
                found + ", and Linux 7.3 overwrites the head of a lockless bitmap if the logical block is larger than "
                        + BitmapSuperblock.STATES + " bytes, and then does not assemble the array any more; "
                        + instead + ", or say --force if only mdfuse is to write to the array");
    }
}
