package io.mdfuse.raid.superblock;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one array, sorted by their roles according to the freshest superblock. It says what is there and what
 * is missing; whether that is enough to open the array is the caller's decision. This is only data:
 * {@link AssemblyRules} makes it, {@link ForcedReturn} and {@link UpdateTimes#withoutOldImages} make changed copies.
 *
 * @param reference the freshest superblock, whose role table and state apply to the array
 * @param slots by slot number the member that is in sync; null for a slot without one
 * @param journal the journal device; null if there is none
 * @param others devices of this array that are not full members: spares, stale or faulty ones, and those being rebuilt
 * @param takenBack members that are in {@code slots} only because the user forced it; empty without {@code --force}
 */
public record Assembly(
        Superblock reference,
        List<@Nullable FoundDevice> slots,
        @Nullable FoundDevice journal,
        List<Bystander> others,
        List<TakenBack> takenBack) {

    /** Why a device of this array is not a full member. */
    public enum Standing {
        /** A spare, according to its own superblock and the reference. Its superblock is updated with the others. */
        SPARE,
        /** The reference says that it failed. It is not written. */
        FAULTY,
        /** The reference gives it no slot any more, while its own superblock still does. It is not written. */
        REMOVED,
        /** The reference gives it a role, but its event count is too far behind. It is not written. */
        STALE,
        /**
         * It is one event behind and much older, so it may be an older image ({@link UpdateTimes#withoutOldImages}). It
         * is not written.
         */
        OLD_IMAGE,
        /** It has a slot, but its rebuild is not complete: the slot counts as missing. See {@link #rebuilding}. */
        REBUILDING,
        /** Its slot has another member, which it is to replace. See {@link #rebuilding}. */
        REPLACEMENT
    }

    /**
     * A device that is being rebuilt.
     *
     * @param recovery how far it is rebuilt; in sync if it is a complete replacement
     * @param replacement true if the slot has another member, which the device is to replace
     * @param byBitmap true if it lacks only the regions that are marked in the array's bitmap (md feature 128)
     */
    public record RebuildingDevice(
            FoundDevice device, int slot, RecoveryPosition recovery, boolean replacement, boolean byBitmap) {}

    /** A device of the array that is not a full member. */
    public record Bystander(FoundDevice device, Standing standing) {
        /** The role that its own superblock gives it. */
        public int ownRole() {
            return device.superblock().ownRole();
        }

        /** True if its superblock is updated with the others. */
        public boolean isWritten() {
            return standing == Standing.SPARE || standing == Standing.REBUILDING || standing == Standing.REPLACEMENT;
        }
    }

    /**
     * A member that left the array and is used again, because the user forced it.
     *
     * @param device as it was found
     * @param standing what it is without {@code --force}
     */
    public record TakenBack(FoundDevice device, int slot, Standing standing) {}

    /** The devices whose rebuild is not complete; all of them are in {@link #others}, too. */
    public List<RebuildingDevice> rebuilding() {
        List<RebuildingDevice> rebuilding = new ArrayList<>();
        for (Bystander other : others) {
            boolean replacement = other.standing() == Standing.REPLACEMENT;
            if (replacement || other.standing() == Standing.REBUILDING) {
                FoundDevice device = other.device();
                int slot = reference.role(device.superblock().deviceNumber());
                RecoveryPosition recovery = device.superblock().recoveryPosition(slot, reference.usedSectors());
                rebuilding.add(new RebuildingDevice(
                        device, slot, recovery, replacement, !replacement && isByBitmap(device, slot)));
            }
        }
        return rebuilding;
    }

    private boolean isByBitmap(FoundDevice device, int slot) {
        Superblock own = device.superblock();
        return reference.hasFeature(Features.BITMAP)
                && own.ownRole() == slot
                && own.hasFeature(Features.RECOVERY_OFFSET)
                && own.hasFeature(Features.RECOVERY_BITMAP);
    }

    /** The slots without a member that is in sync, ascending. */
    public List<Integer> missingSlots() {
        List<Integer> missing = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot) == null) {
                missing.add(slot);
            }
        }
        return missing;
    }

    /** True if the array has a journal according to its features, whether or not the device is here. */
    public boolean journalRequired() {
        return reference.hasFeature(Features.JOURNAL);
    }

    /** True if the device that was the journal is here and the reference says that it has failed. */
    public boolean journalFailed() {
        return others.stream()
                .anyMatch(other -> other.standing() == Standing.FAULTY
                        && other.device().superblock().ownRole() == Roles.JOURNAL);
    }

    /** True if the array has a journal according to its features, and no usable journal device is here. */
    public boolean lacksJournal() {
        return journalRequired() && journal == null;
    }
}
