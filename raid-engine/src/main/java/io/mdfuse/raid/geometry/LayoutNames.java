package io.mdfuse.raid.geometry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The names of layouts that a user may type: mdadm's full names, its abbreviations, {@code default}, and md's number.
 * Upper and lower case are equal.
 *
 * <p>Source of the names: mdadm 4.2, maps.c, {@code r5layout} and {@code r6layout}. At level 5 the three names of the
 * DDF standard are other names of layouts in the list; at level 6 they are separate layouts. RAID-4 has one layout, for
 * which mdadm accepts no name.
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

    /** The layout with this name at a level (4, 5 or 6); empty if the level has none with this name. */
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
