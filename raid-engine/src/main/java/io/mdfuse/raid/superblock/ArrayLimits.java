package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;

/**
 * Which arrays are served, according to a valid superblock. These are limits of this program, not rules of the format;
 * they live apart from {@link AssemblyRules} since each may be removed later.
 */
final class ArrayLimits {
    /**
     * With any of these features data does not lie at the positions that the other fields describe, or is being moved,
     * or other machines write it.
     */
    private static final int NOT_SERVED =
            Features.RESHAPE_ACTIVE | Features.RESHAPE_BACKWARDS | Features.NEW_OFFSET | Features.CLUSTERED;

    private ArrayLimits() {}

    /** Refuses the array that {@code freshest} describes if it is not one that is served. */
    static void check(FoundDevice freshest) throws ArrayRefusedException {
        Superblock superblock = freshest.superblock();
        int level = superblock.level();
        if (level < 4 || level > 6) {
            throw refuse(freshest, Reason.UNSUPPORTED, "level " + level + " is not served; only 4, 5 and 6 are");
        }
        checkFeatures(freshest, NOT_SERVED);
        long chunk = superblock.chunkSectors();
        if (superblock.hasFeature(Features.ANY_PPL) && level != 5) {
            throw refuse(
                    freshest, Reason.CORRUPT, "level " + level + " with a partial parity log, which is for level 5");
        }
        boolean chunkFits = chunk >= Sectors.PER_BLOCK && Long.bitCount(chunk) == 1;
        if (!chunkFits) {
            throw refuse(
                    freshest,
                    Reason.CORRUPT,
                    "the chunk of " + chunk + " sectors is not a power of two of at least 4 KiB");
        }
        int least = level == 6 ? 4 : 2;
        if (superblock.raidDisks() < least || superblock.raidDisks() > superblock.maxDev()) {
            throw refuse(freshest, Reason.CORRUPT, "level " + level + " with " + superblock.raidDisks() + " slots");
        }
        if (superblock.usedSectors() < chunk) {
            throw refuse(
                    freshest, Reason.CORRUPT, "a used size of " + superblock.usedSectors() + " sectors holds no chunk");
        }
    }

    /** Refuses a member that can't be read and written like an ordinary member. */
    static void checkMember(FoundDevice member, long usedSectors) throws ArrayRefusedException {
        checkFeatures(member, NOT_SERVED);
        long dataSectors = member.superblock().dataSizeSectors();
        if (dataSectors < usedSectors) {
            throw refuse(
                    member,
                    Reason.CORRUPT,
                    "has room for " + dataSectors + " sectors of data, but the array uses " + usedSectors);
        }
    }

    private static void checkFeatures(FoundDevice device, int notServed) throws ArrayRefusedException {
        int found = device.superblock().featureMap() & notServed;
        if (found != 0) {
            throw refuse(device, Reason.UNSUPPORTED, "uses what is not supported yet: " + Features.names(found));
        }
    }

    private static ArrayRefusedException refuse(FoundDevice device, Reason reason, String what) {
        return new ArrayRefusedException(reason, device.name() + ": " + what);
    }
}
