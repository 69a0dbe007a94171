package io.mdfuse.raid.sync;

import java.util.Arrays;
import java.util.Optional;

/** What a {@link Scrub} does with a stripe whose blocks don't belong together. */
public enum ScrubAction {
    /** Counts it and says where. */
    CHECK("check"),
    /** Rewrites the one block that lies; where that can't be told on RAID-6, nothing. One parity can't tell: parity. */
    REPAIR("repair"),
    /** As REPAIR, and where it can't be told which block lies, parity is made from the data, whatever that is. */
    FORCED_REPAIR("repair-force");

    private final String mdName;

    ScrubAction(String mdName) {
        this.mdName = mdName;
    }

    /** The word for it in md's sync_action; the last is ours. */
    public String mdName() {
        return mdName;
    }

    /** The action that a word stands for. */
    public static Optional<ScrubAction> named(String word) {
        return Arrays.stream(values())
                .filter(action -> action.mdName.equals(word))
                .findFirst();
    }

    boolean repairs() {
        return this != CHECK;
    }
}
