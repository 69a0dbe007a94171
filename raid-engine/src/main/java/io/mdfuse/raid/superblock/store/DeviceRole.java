package io.mdfuse.raid.superblock.store;

import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.Roles;

/**
 * What one device number is to the array, as all superblocks tell it in their role tables and the device's own tells in
 * its feature bits.
 *
 * <pre>
 *                      role table   own feature bits               own recovery_offset
 *   in sync            slot         none                           0
 *   rebuilding         slot         RECOVERY_OFFSET                how far it has come
 *   ... by the bitmap  slot         RECOVERY_OFFSET,               how far it has come
 *                                   RECOVERY_BITMAP
 *   replacement        slot         REPLACEMENT, RECOVERY_OFFSET   how far it has come
 *   whole replacement  slot         REPLACEMENT                    0
 *   spare, journal     that         none                           (a journal's tail lies there)
 *   faulty             faulty       is not written any more
 * </pre>
 *
 * @param role a slot, {@link Roles#JOURNAL} or {@link Roles#SPARE}; of a faulty device what it was before
 * @param faulty true where it has failed
 * @param recovery how much of the member is rebuilt
 * @param replacement true where another device has the slot, and this one is to take it over
 * @param byBitmap true where a member that is not rebuilt yet lacks nothing but what the array's bitmap names
 */
public record DeviceRole(int role, boolean faulty, RecoveryPosition recovery, boolean replacement, boolean byBitmap) {
    /** A device that needs no rebuilding. */
    static DeviceRole of(int role) {
        return new DeviceRole(role, false, RecoveryPosition.inSync(), false, false);
    }

    DeviceRole failed() {
        return new DeviceRole(role, true, recovery, replacement, byBitmap);
    }

    /** The slot is its own from now on. */
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

    /** The bits that its own superblock has because of it. */
    int featureBits() {
        int partial = Features.RECOVERY_OFFSET | (byBitmap ? Features.RECOVERY_BITMAP : 0);
        return (recovery.isInSync() ? 0 : partial) | (replacement ? Features.REPLACEMENT : 0);
    }
}
