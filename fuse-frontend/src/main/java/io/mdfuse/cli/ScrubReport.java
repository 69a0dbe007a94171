package io.mdfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The report of a check or repair: what it found, and what to do about it.
 *
 * @param action md's name of the pass
 * @param after the array's attributes after the pass
 * @param mountPoint as the user named it
 */
record ScrubReport(String action, Map<String, String> after, Path mountPoint) {
    /**
     * How much does not fit, what was done about it, each location with the device that is wrong, and the next step.
     */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        String repair = get("mismatch_repair", "none");
        lines.add("mismatch_cnt: " + get("mismatch_cnt", "0") + " sectors"
                + (repair.equals("none") ? "" : ", " + repair)
                + (isZero("unreadable_cnt") ? "" : ", and " + get("unreadable_cnt", "0") + " that can't be read"));
        locations().forEach(location -> lines.add("  " + location));
        lines.addAll(advice());
        return lines;
    }

    private List<String> advice() {
        List<String> advice = new ArrayList<>();
        boolean readOnly = get("array_state", "").equals("readonly");
        boolean checked = action.equals("check");
        if (checked && !isZero("mismatch_cnt")) {
            advice.add("to make it fit: " + (readOnly ? "mount without --read-only, then " : "") + "mdfuse repair "
                    + mountPoint);
        }
        if (checked && anyLocation(" and data disagree")) {
            advice.add("if data and one parity disagree, which of them is wrong can't be told: repair"
                    + " makes parity from the data;"
                    + " compare that data with a backup");
        }
        if (anyLocation(" is wrong, volume offset") || anyLocation(" is wrong (")) {
            advice.add("if one device is named again and again, replace it: mdfuse replace " + mountPoint
                    + " DEVICE --with NEW");
        }
        if (!checked && anyLocation("more than one block is wrong") && !isZero("mismatch_unrepaired")) {
            advice.add("if more than one block is wrong, the right data can't be told: write it again"
                    + " from a backup, then mdfuse"
                    + " repair --force " + mountPoint + " makes parity from it");
        }
        if (!isZero("unreadable_cnt")) {
            advice.add("what can't be read is read again after it was written anew: restore it from a backup");
        }
        return advice;
    }

    private List<String> locations() {
        return get("mismatches", "").lines().toList();
    }

    private boolean anyLocation(String text) {
        return locations().stream().anyMatch(location -> location.contains(text));
    }

    private boolean isZero(String name) {
        return get(name, "0").equals("0");
    }

    private String get(String name, String otherwise) {
        return after.getOrDefault(name, otherwise);
    }
}
