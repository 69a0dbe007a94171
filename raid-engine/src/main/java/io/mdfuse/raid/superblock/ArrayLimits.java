package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.Optional;
import java.util.Set;

/**
 * Which arrays are served, according to a valid superblock. These are limits of this program, not rules of the format;
 * they live apart from {@link AssemblyRules} since each may be removed later.
 */
final class ArrayLimits {
    /** Other machines write the array at the same time. */
    private static final int NOT_SERVED = Features.CLUSTERED;

    /** The levels to which mdadm changes an array after a reshape; to level 6 it changes an array before that. */
    private static final Set<Integer> LEVELS_TO_FOLLOW = Set.of(0, 4, 5);

    /** md keeps none of these during a reshape. */
    private static final int NOT_DURING_RESHAPE = Features.JOURNAL | Features.ANY_PPL;

    private ArrayLimits() {}

    /** Refuses the array that {@code freshest} describes if it is not one that is served. */
    static void check(FoundDevice freshest) throws ArrayRefusedException {
        Superblock superblock = freshest.superblock();
        int level = superblock.level();
        checkFeatures(freshest, NOT_SERVED);
        if (CopyLimits.applyTo(level)) {
            CopyLimits.check(freshest);
            return;
        }
        if (level < 4 || level > 6) {
            throw refuse(
                    freshest,
                    Reason.UNSUPPORTED,
                    "level " + level + " is not served; only 4, 5 and 6 are, and 0, 1, 10 and linear read-only");
        }
        long chunk = superblock.chunkSectors();
        if (superblock.hasFeature(Features.ANY_PPL) && level != 5) {
            throw refuse(
                    freshest, Reason.CORRUPT, "level " + level + " with a partial parity log, which is for level 5");
        }
        checkChunk(freshest, chunk);
        checkSlots(freshest, superblock.raidDisks());
        Optional<ReshapeState> reshape = ReshapeState.of(superblock);
        if (reshape.isPresent()) {
            checkReshape(freshest, reshape.get());
        }
    }

    private static void checkChunk(FoundDevice freshest, long chunk) throws ArrayRefusedException {
        if (chunk < Sectors.PER_BLOCK || Long.bitCount(chunk) != 1) {
            throw refuse(
                    freshest,
                    Reason.CORRUPT,
                    "the chunk of " + chunk + " sectors is not a power of two of at least 4 KiB");
        }
        long usedSectors = freshest.superblock().usedSectors();
        if (usedSectors < chunk) {
            throw refuse(freshest, Reason.CORRUPT, "a used size of " + usedSectors + " sectors holds no chunk");
        }
    }

    private static void checkSlots(FoundDevice freshest, long slots) throws ArrayRefusedException {
        int level = freshest.superblock().level();
        int least = level == 6 ? 4 : 2;
        if (slots < least || slots > freshest.superblock().maxDev()) {
            throw refuse(freshest, Reason.CORRUPT, "level " + level + " with " + slots + " slots");
        }
    }

    /**
     * A reshape stays within the level that the superblock names; md changes the level before it or after it. mdadm 4.6
     * records the level that is to follow as the new level, so the two may differ, and Linux 7.3 does not start such an
     * array any more.
     */
    private static void checkReshape(FoundDevice freshest, ReshapeState reshape) throws ArrayRefusedException {
        Superblock superblock = freshest.superblock();
        checkSlots(freshest, reshape.disksBefore(superblock.raidDisks()));
        checkChunk(freshest, reshape.newChunkBytes() / Sectors.BYTES);
        int clash = superblock.featureMap() & NOT_DURING_RESHAPE;
        if (clash != 0) {
            throw refuse(freshest, Reason.CORRUPT, "a reshape together with " + Features.names(clash));
        }
        if (reshape.newLevel() != superblock.level() && !LEVELS_TO_FOLLOW.contains(reshape.newLevel())) {
            throw refuse(
                    freshest,
                    Reason.UNSUPPORTED,
                    "a reshape from level " + superblock.level() + " to " + reshape.newLevel()
                            + " is not known to mdfuse");
        }
        if (reshape.positionSectors() < 0) {
            throw refuse(
                    freshest,
                    Reason.CORRUPT,
                    "a reshape at array sector " + Long.toUnsignedString(reshape.positionSectors()));
        }
    }

    /** Refuses a member that can't be read and written like an ordinary member. */
    static void checkMember(FoundDevice member, long usedSectors) throws ArrayRefusedException {
        checkFeatures(member, NOT_SERVED);
        long dataSectors = member.superblock().dataSizeSectors();
        // In RAID-0 and linear each member has a size of its own, and md does not look at this field.
        if (dataSectors < usedSectors && member.superblock().level() > 0) {
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
