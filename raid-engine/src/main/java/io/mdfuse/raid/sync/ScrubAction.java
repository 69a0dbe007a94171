package io.mdfuse.raid.sync;

import java.util.Arrays;
import java.util.Optional;

/** What a {@link Scrub} does with a stripe whose blocks don't fit each other. */
public enum ScrubAction {
    /** Counts and reports it. */
    CHECK("check"),
    /**
     * Rewrites the one block that is wrong, if RAID-6 can determine it, else nothing. With one parity, which can't
     * determine the block, rewrites parity.
     */
    REPAIR("repair"),
    /**
     * As REPAIR, also if {@link RepairSurvey} refuses that; if RAID-6 can't determine the wrong block, makes parity
     * from the data, whatever the data is.
     */
    FORCED_REPAIR("repair-force"),
    /** Makes parity from the data wherever it does not fit, and changes no data: md's own repair. */
    PARITY_REPAIR("repair-parity");

    private final String mdName;

    ScrubAction(String mdName) {
        this.mdName = mdName;
    }

    /** The word for the action in md's sync_action; {@code repair-force} and {@code repair-parity} are mdfuse's own. */
    public String mdName() {
        return mdName;
    }

    /** The action with that word; empty if there is none. */
    public static Optional<ScrubAction> named(String word) {
        return Arrays.stream(values())
                .filter(action -> action.mdName.equals(word))
                .findFirst();
    }

    boolean repairs() {
        return this != CHECK;
    }
}
