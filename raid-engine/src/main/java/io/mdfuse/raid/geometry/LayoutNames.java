package io.mdfuse.raid.geometry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The words by which a user names a layout: mdadm's full names, its abbreviations, {@code default}, and md's number.
 * Upper and lower case mean the same.
 *
 * <p>Source of the words: mdadm 4.2, maps.c, {@code r5layout} and {@code r6layout}. At level 5 the three names of the
 * DDF standard mean layouts that have another name too; at level 6 they are layouts of their own. RAID-4 has one
 * layout, for which mdadm takes no word at all.
 */
public final class LayoutNames {
    private static final Map<String, String> SHORT = Map.of(
            "la", "left-asymmetric",
            "ra", "right-asymmetric",
            "ls", "left-symmetric",
            "rs", "right-symmetric",
            "default", "left-symmetric");

    private static final Map<String, String> DDF_AT_LEVEL_5 = Map.of(
            "ddf-zero-restart", "right-asymmetric",
            "ddf-n-restart", "left-asymmetric",
            "ddf-n-continue", "left-symmetric");

    private static final List<String> LEVEL_4 = List.of("raid4", "default", "0", "parity-last");

    private LayoutNames() {}

    /** The layout that a word means at a level (4, 5 or 6); empty if the word means none there. */
    public static Optional<ParityLayout> find(int level, String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        List<ParityLayout> layouts = ParityLayout.forLevel(level);
        if (level == 4) {
            return LEVEL_4.contains(lower) ? layouts.stream().findFirst() : Optional.empty();
        }
        String full = SHORT.getOrDefault(lower, lower);
        String name = level == 5 ? DDF_AT_LEVEL_5.getOrDefault(full, full) : full;
        return layouts.stream()
                .filter(layout -> layout.mdName().equalsIgnoreCase(name)
                        || Integer.toString(layout.number()).equals(name))
                .findFirst();
    }
}
