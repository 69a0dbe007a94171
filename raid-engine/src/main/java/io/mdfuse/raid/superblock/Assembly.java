package io.mdfuse.raid.superblock;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What several devices are to each other: who sits in which slot, by the freshest superblock's word. It says what
 * is there and what is missing; whether that is enough to go on is decided by who opens the array.
 *
 * @param reference the freshest superblock: the one whose role table and state hold
 * @param slots the in-sync member of each slot, null where there is none
 * @param journal the journal device, null where there is none
 * @param others devices of this array that hold nothing of it, or not all that they should
 * @param takenBack members that are in a slot only because the user forced it; empty if none is
 */
public record Assembly(
        Superblock reference,
        List<@Nullable FoundDevice> slots,
        @Nullable FoundDevice journal,
        List<Bystander> others,
        List<TakenBack> takenBack) {

    /** Why a device of this array takes no part. */
    public enum Standing {
        /** A spare, by its own word and the freshest's. It is kept up to date with the others. */
        SPARE,
        /** The freshest says that it failed. It is not written. */
        FAULTY,
        /** The freshest has no slot for it any more, while it still thinks so itself. It is not written. */
        REMOVED,
        /** The freshest counts on it, but it was last written too long ago. It is not written. */
        STALE,
        /**
         * It is one event behind and much older, so it may be an older image ({@link UpdateTimes#withoutOldImages}). It is not
         * written.
         */
        OLD_IMAGE,
        /** It has a slot, but its rebuild had not ended: the slot counts as missing. See {@link #joining}. */
        REBUILDING,
        /** The slot is another's, which it is to replace. See {@link #joining}. */
        REPLACEMENT
    }

    /**
     * A device that is being rebuilt.
     *
     * @param recovery how far it has come; in sync is a replacement that holds everything
     * @param replacement true where the slot has another member
     * @param byBitmap true where it lacks nothing but what the array's bitmap names
     */
    public record Joiner(
            FoundDevice device, int slot, RecoveryPosition recovery, boolean replacement, boolean byBitmap) {}

    /** A device of the array that is no full member. */
    public record Bystander(FoundDevice device, Standing standing) {
        /** The role that it had by its own word. */
        public int ownRole() {
            return device.superblock().ownRole();
        }

        /** True if updates of the superblocks write it too. */
        public boolean isWritten() {
            return standing == Standing.SPARE || standing == Standing.REBUILDING || standing == Standing.REPLACEMENT;
        }
    }

    /**
     * A member that fell out and is trusted again, because the user forced it.
     *
     * @param device as it was found
     * @param standing what it would be without force
     */
    public record TakenBack(FoundDevice device, int slot, Standing standing) {}

    /** The devices whose rebuild had not ended; all of them are among the others, too. */
    public List<Joiner> joining() {
        List<Joiner> joiners = new ArrayList<>();
        for (Bystander other : others) {
            boolean replacement = other.standing() == Standing.REPLACEMENT;
            if (replacement || other.standing() == Standing.REBUILDING) {
                FoundDevice device = other.device();
                int slot = reference.role(device.superblock().deviceNumber());
                RecoveryPosition recovery = device.superblock().recoveryPosition(slot, reference.usedSectors());
                joiners.add(new Joiner(device, slot, recovery, replacement, !replacement && isByBitmap(device, slot)));
            }
        }
        return joiners;
    }

    private boolean isByBitmap(FoundDevice device, int slot) {
        Superblock own = device.superblock();
        return reference.hasFeature(Features.BITMAP)
                && own.ownRole() == slot
                && own.hasFeature(Features.RECOVERY_OFFSET)
                && own.hasFeature(Features.RECOVERY_BITMAP);
    }

    /** The slots that have no in-sync member, ascending. */
    public List<Integer> missingSlots() {
        List<Integer> missing = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot) == null) {
                missing.add(slot);
            }
        }
        return missing;
    }

    /** True where the array was made to have a journal, here or not. */
    public boolean journalRequired() {
        return reference.hasFeature(Features.JOURNAL);
    }

    /** True where the device that was its journal is here, and the freshest superblock says that it has failed. */
    public boolean journalFailed() {
        return others.stream()
                .anyMatch(other -> other.standing() == Standing.FAULTY
                        && other.device().superblock().ownRole() == Roles.JOURNAL);
    }

    /** True where the array was made to have a journal, and none that may be used is here. */
    public boolean lacksJournal() {
        return journalRequired() && journal == null;
    }
}
