package io.mdfuse.raid.create;

import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.ConsistencyPolicy;

/**
 * Whether the parity of a new array is correct, and how it is made correct after a crash.
 *
 * @param policy how parity is made correct after a crash. With a journal device neither a bitmap nor a partial parity
 *     log is allowed
 * @param bitmapChunkBytes how many bytes of each member one bit of the bitmap covers; 0 for mdadm's default
 * @param lockless true for the lockless bitmap of Linux 6.18, with the policy BITMAP: no resync is ever needed for what
 *     was not written
 * @param assumeClean true if the first mount must not resync: parity is already correct, or the user accepts that it is
 *     not
 */
public record NewConsistency(ConsistencyPolicy policy, long bitmapChunkBytes, boolean lockless, boolean assumeClean) {
    /** Neither a bitmap nor a partial parity log; parity is unknown until the first resync. */
    public static final NewConsistency RESYNC = new NewConsistency(ConsistencyPolicy.RESYNC, 0, false, false);

    /** A policy with mdadm's defaults. */
    public NewConsistency(ConsistencyPolicy policy, long bitmapChunkBytes, boolean assumeClean) {
        this(policy, bitmapChunkBytes, false, assumeClean);
    }

    /** The sectors that every member reserves for it; 0 for the usual space of a bitmap. */
    int areaSectors() {
        if (policy == ConsistencyPolicy.PPL) {
            return DeviceSpace.PPL_SECTORS;
        }
        return lockless ? BitmapSuperblock.LOCKLESS_SECTORS : 0;
    }
}
