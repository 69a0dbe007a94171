package io.mdfuse.raid.array;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a device is to an open array, as the attributes {@code devN} and the command {@code detail} print it.
 *
 * <p>{@code in_sync}, {@code spare}, {@code journal}, {@code faulty} and {@code replacement} are the words of md's
 * attribute {@code dev-NAME/state}; md calls a member that is being rebuilt a {@code spare} as well.
 */
public enum DeviceState {
    /** A member that holds all of its slot. */
    IN_SYNC("in_sync"),

    /** The member of a slot, being rebuilt. */
    REBUILDING("rebuilding"),

    /** A device that is rebuilt beside the slot's member, to take its slot. */
    REPLACEMENT("replacement"),

    /** A device without a slot. */
    SPARE("spare"),

    /** The device of the write journal. */
    JOURNAL("journal"),

    /** The superblocks record that the device has failed. */
    FAULTY("faulty"),

    /** The superblocks do not know the device: a stale one, for example. */
    REMOVED("removed");

    /** The slot of a device that has none. */
    static final int NO_SLOT = -1;

    private final String text;

    DeviceState(String text) {
        this.text = text;
    }

    /** The word that attributes, {@code detail} and messages print. */
    public String text() {
        return text;
    }

    /** The state with this word; empty if there is none. */
    public static Optional<DeviceState> named(String word) {
        return Stream.of(values()).filter(state -> state.text.equals(word)).findFirst();
    }

    /** What md's attribute {@code dev-NAME/slot} says of a device in this state: a slot's number, journal or none. */
    String slotText(int slot) {
        if (this == JOURNAL) {
            return "journal";
        }
        return slot == NO_SLOT ? "none" : Integer.toString(slot);
    }

    /** Whether the array neither reads nor writes the device any more. */
    boolean isOut() {
        return this == FAULTY || this == REMOVED;
    }
}
