package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;

/**
 * Refuses a superblock with a message that begins with {@code subject}: the device's name and which superblock it is.
 */
record SuperblockCheck(String subject) {
    void corruptIf(boolean wrong, String what) throws ArrayRefusedException {
        if (wrong) {
            throw new ArrayRefusedException(Reason.CORRUPT, subject + what);
        }
    }

    void unsupportedIf(boolean wrong, String what) throws ArrayRefusedException {
        if (wrong) {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, subject + what);
        }
    }
}
