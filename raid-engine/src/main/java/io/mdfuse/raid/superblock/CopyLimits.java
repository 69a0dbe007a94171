package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;

/**
 * Which arrays without parity are served, according to a valid superblock: RAID-0, RAID-1, RAID-10 and linear. The
 * limits are stricter than for RAID-4/5/6, since these arrays are only read here: what can't be read with certainty is
 * refused. Chunk, layout and sizes are checked later, when the layout is made of them.
 */
final class CopyLimits {
    private static final int LINEAR = -1;

    private static final int FOR_PARITY = Features.JOURNAL | Features.ANY_PPL;

    private CopyLimits() {}

    /** True if the level is one of those that this class checks. */
    static boolean applyTo(int level) {
        return level == LINEAR || level == 0 || level == 1 || level == 10;
    }

    static void check(FoundDevice freshest) throws ArrayRefusedException {
        Superblock superblock = freshest.superblock();
        int level = superblock.level();
        String name = level == LINEAR ? "linear" : "raid" + level;
        int clash = superblock.featureMap() & FOR_PARITY;
        if (clash != 0) {
            throw refuse(
                    freshest,
                    Reason.CORRUPT,
                    "level " + name + " with " + Features.names(clash) + ", which needs parity");
        }
        if (superblock.hasFeature(Features.RESHAPE_ACTIVE)) {
            throw refuse(
                    freshest,
                    Reason.UNSUPPORTED,
                    "a reshape of level " + name + " is in progress, and such an array is not served: let md complete"
                            + " it (mdadm --assemble; then wait until mdadm --detail says clean)");
        }
        int slots = superblock.raidDisks();
        if (slots < (level == 10 ? 2 : 1) || slots > superblock.maxDev()) {
            throw refuse(freshest, Reason.CORRUPT, "level " + name + " with " + slots + " slots");
        }
    }

    private static ArrayRefusedException refuse(FoundDevice device, Reason reason, String what) {
        return new ArrayRefusedException(reason, device.name() + ": " + what);
    }
}
