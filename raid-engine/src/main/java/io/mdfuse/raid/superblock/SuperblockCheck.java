package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;

/** Says no to a superblock, with the device's name in front. */
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
