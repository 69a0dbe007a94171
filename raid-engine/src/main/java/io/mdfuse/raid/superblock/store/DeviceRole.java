package io.mdfuse.raid.superblock.store;

import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.Roles;

/**
 * The role of one device number, as stored in the role table of every superblock and in the feature bits of the
 * device's own superblock.
 *
 * <pre>
 *                      role table   own feature bits               own recovery_offset
 *   in sync            slot         none                           0
 *   rebuilding         slot         RECOVERY_OFFSET                rebuilt sectors
 *   ... by the bitmap  slot         RECOVERY_OFFSET,               rebuilt sectors
 *                                   RECOVERY_BITMAP
 *   replacement        slot         REPLACEMENT, RECOVERY_OFFSET   rebuilt sectors
 *   full replacement   slot         REPLACEMENT                    0
 *   spare, journal     its role     none                           (of a journal: its tail, in the same field)
 *   faulty             faulty       not written any more
 * </pre>
 *
 * @param role a slot, {@link Roles#JOURNAL} or {@link Roles#SPARE}; of a faulty device its role before the failure
 * @param faulty true if it has failed
 * @param recovery how far it is rebuilt
 * @param replacement true if another device has the slot, and this one is to replace it
 * @param byBitmap true if a member that is being rebuilt lacks only the regions that are marked in the array's bitmap
 */
public record DeviceRole(int role, boolean faulty, RecoveryPosition recovery, boolean replacement, boolean byBitmap) {
    /** A device that is not being rebuilt. */
    static DeviceRole of(int role) {
        return new DeviceRole(role, false, RecoveryPosition.inSync(), false, false);
    }

    DeviceRole failed() {
        return new DeviceRole(role, true, recovery, replacement, byBitmap);
    }

    /** The same device as the slot's member, not a replacement any more. */
    DeviceRole promoted() {
        return new DeviceRole(role, faulty, recovery, false, byBitmap);
    }

    DeviceRole recoveredTo(RecoveryPosition position) {
        return new DeviceRole(role, faulty, position, replacement, byBitmap);
    }

    /** Its value in the role table. */
    int tableRole() {
        return faulty ? Roles.FAULTY : role;
    }

    /** The feature bits that its own superblock has because of this role. */
    int featureBits() {
        int partial = Features.RECOVERY_OFFSET | (byBitmap ? Features.RECOVERY_BITMAP : 0);
        return (recovery.isInSync() ? 0 : partial) | (replacement ? Features.REPLACEMENT : 0);
    }
}
