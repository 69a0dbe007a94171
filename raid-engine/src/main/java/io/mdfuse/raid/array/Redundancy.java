package io.mdfuse.raid.array;

import java.util.Optional;

/**
 * The line that says how many failures an array survives: at present, and after a resync. It is one line, so that two
 * lines can't contradict each other.
 *
 * @param failuresLeft how many members may still fail if parity is correct; negative if more members are missing than
 *     the level has parities
 * @param parityCorrect false if parity is not known to be correct everywhere
 * @param regionsKnown true if a bitmap says where parity may be wrong
 * @param readOnly true if no resync will run
 */
record Redundancy(int failuresLeft, boolean parityCorrect, boolean regionsKnown, boolean readOnly) {

    /**
     * The line; empty if the array has no problem.
     *
     * @param problemReported true if {@link StartReport} has reported a problem
     */
    Optional<String> line(boolean problemReported) {
        if (failuresLeft < 0) {
            return Optional.of(
                    "more members are missing than the array can do without: what can't be solved is an I/O error");
        }
        if (!parityCorrect) {
            return Optional.of(doubt());
        }
        return problemReported ? Optional.of("the array survives " + further()) : Optional.empty();
    }

    private String doubt() {
        if (readOnly) {
            return "the array was not stopped cleanly, or its first resync was not through: where parity is not known"
                    + " to be right, it survives no failure; elsewhere " + failures();
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
        return switch (failuresLeft) {
            case 0 -> "no failure";
            case 1 -> "one failure";
            default -> failuresLeft + " failures";
        };
    }

    private String further() {
        return switch (failuresLeft) {
            case 0 -> "no further failure";
            case 1 -> "one more failure";
            default -> failuresLeft + " more failures";
        };
    }
}
