package io.mdfuse.raid.array;

import java.util.Optional;

/**
 * How many failures an array survives, in one line at its start: now, and once a resync is through. There is one such
 * line at most, so that no two can contradict each other.
 *
 * @param left how many members may still fail where parity is right; negative if more are missing than parity can
 *     replace
 * @param parityRight false if parity is not known to be right everywhere
 * @param regionsKnown true if a bitmap tells where it may be wrong
 * @param readOnly true if no resync runs
 */
record Redundancy(int left, boolean parityRight, boolean regionsKnown, boolean readOnly) {

    /**
     * The line; none for an array of which there is nothing to say.
     *
     * @param told true if the user was told of members that are missing or not used, or of a doubt
     */
    Optional<String> line(boolean told) {
        if (left < 0) {
            return Optional.of(
                    "more members are missing than the array can do without: what can't be solved is an I/O error");
        }
        if (!parityRight) {
            return Optional.of(doubt());
        }
        return told ? Optional.of("the array survives " + further()) : Optional.empty();
    }

    private String doubt() {
        if (readOnly) {
            return "the array was not stopped cleanly, or its first resync was not through: where parity is not known to"
                    + " be right, it survives no failure; elsewhere " + failures();
        }
        return regionsKnown
                ? "parity is not known to be right where writes were under way; a resync of those regions runs in the"
                        + " background: there the array survives no failure until it is through, and"
                        + " then, as elsewhere now, "
                        + failures()
                : "parity is not known to be right everywhere; a resync runs in the background: where it has not passed"
                        + " yet, the array survives no failure; where it has passed, " + failures();
    }

    private String failures() {
        return switch (left) {
            case 0 -> "no failure";
            case 1 -> "one failure";
            default -> left + " failures";
        };
    }

    private String further() {
        return switch (left) {
            case 0 -> "no further failure";
            case 1 -> "one more failure";
            default -> left + " more failures";
        };
    }
}
