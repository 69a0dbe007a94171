package io.mdfuse.cli;

import java.util.List;
import java.util.Locale;

/** Lines of a label and a value, with the colons in one column as mdadm --detail prints them. */
final class LabelledLines {
    private LabelledLines() {}

    /** Adds a line; none if the value is empty. */
    static void add(List<String> lines, String label, String value) {
        if (!value.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "%18s : %s", label, value));
        }
    }
}
