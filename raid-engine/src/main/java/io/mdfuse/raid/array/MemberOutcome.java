package io.mdfuse.raid.array;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a command about members has done: the value that a verb of {@link MemberManager} returns. A command that is
 * refused or fails throws instead. {@link MemberOutcomeText} has the sentences.
 */
sealed interface MemberOutcome {
    /**
     * The device is part of the array.
     *
     * @param slot the slot for which the device is being rebuilt; empty if the device is a spare
     * @param delay why the device is a spare although a slot is free
     */
    record Added(String device, OptionalInt slot, RebuildDelay delay) implements MemberOutcome {}

    /**
     * A former member is the member of its slot again, and gets what was written since it left.
     *
     * @param regions how many regions of the write-intent bitmap are copied to the device
     */
    record ReAdded(String device, int slot, long regions, RebuildDelay delay) implements MemberOutcome {}

    /**
     * The superblocks of the other devices record that the device has failed.
     *
     * @param device its name as the command gave it
     */
    record Failed(String device, UnreadContent unread) implements MemberOutcome {}

    /**
     * The device is closed and no longer part of the array.
     *
     * @param device its name as the command gave it
     */
    record Removed(String device) implements MemberOutcome {}

    /**
     * The spare is rebuilt beside the member, and then takes its slot.
     *
     * @param member its name as the command gave it
     */
    record Replacing(String member, String spare, int slot) implements MemberOutcome {}

    /** Why the rebuild of a device that was just added has not begun. */
    sealed interface RebuildDelay {
        /** The rebuild has begun, or no slot lacks a member in sync. */
        record None() implements RebuildDelay {}

        /** {@code sync_action} = frozen holds back all rebuilds. */
        record Frozen() implements RebuildDelay {}

        /** Rebuilds run one at a time; {@code device} is being rebuilt. */
        record After(String device) implements RebuildDelay {}

        /** No rebuild runs: the start failed, or the device is not fit for the slot. */
        record NotBegun() implements RebuildDelay {}
    }

    /**
     * What can't be read of a failed member, because parity that the resync has not made solves nothing.
     *
     * @param fromStripeSector the first stripe that the resync has not reached; empty if it has passed all
     * @param memberSectors the end of the stripes
     * @param skipped whether the resync has passed over stripes that it could not read
     */
    record UnreadContent(OptionalLong fromStripeSector, long memberSectors, boolean skipped) {
        /** Everything can be read without the device. */
        static final UnreadContent NONE = new UnreadContent(OptionalLong.empty(), 0, false);
    }
}
