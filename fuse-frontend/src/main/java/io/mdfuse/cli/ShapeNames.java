package io.mdfuse.cli;

import io.mdfuse.raid.geometry.LayoutNames;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.MetadataVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names by which mdadm's users give the level, the layout and the metadata version of a new array. For a name that
 * mdadm knows and mdfuse does not support, the error lists what mdfuse supports. Upper and lower case mean the same.
 */
final class ShapeNames {
    private static final Pattern LEVEL = Pattern.compile("(?:raid-?)?([456])");
    private static final List<String> NEWEST_METADATA = List.of("1", "default");

    /** mdadm's layouts that have a second name, and the short names; for the message that lists the valid names. */
    private static final Map<String, String> SHORT_NAMES =
            Map.of("left-asymmetric", "la", "right-asymmetric", "ra", "left-symmetric", "ls", "right-symmetric", "rs");

    private ShapeNames() {}

    /** 4, 5 or 6, from {@code 5}, {@code raid5}, {@code RAID-5}. */
    static int level(String word) {
        return levelNamed(word)
                .orElseThrow(() ->
                        new IllegalArgumentException("--level is raid4, raid5 or raid6 (or 4, 5, 6), not " + word));
    }

    /** The same; empty if the word is no level that has parity. */
    static Optional<Integer> levelNamed(String word) {
        Matcher matcher = LEVEL.matcher(word.toLowerCase(Locale.ROOT));
        return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
    }

    /** The layout of this level with that name. */
    static ParityLayout layout(int level, String word) {
        return layout(level, word, "", "--layout");
    }

    /**
     * The same for a layout that is given in another way than by {@code --layout}.
     *
     * @param before what the message begins with
     * @param option what the message calls the user's word
     */
    static ParityLayout layout(int level, String word, String before, String option) {
        return LayoutNames.find(level, word)
                .orElseThrow(() -> new IllegalArgumentException(
                        level == 4
                                ? before + "level 4 has no choice of " + option + ": leave " + word + " out"
                                : before + option + " at level " + level + " is one of " + layoutNames(level) + ", not "
                                        + word));
    }

    /** The version with that name; {@code 1} and {@code default} are the newest, as with mdadm. */
    static MetadataVersion metadata(String word) {
        String text = NEWEST_METADATA.contains(word.toLowerCase(Locale.ROOT)) ? "1.2" : word;
        return MetadataVersion.ofText(text)
                .orElseThrow(() ->
                        new IllegalArgumentException("--metadata is 1.0, 1.1, 1.2 or default (1.2), not " + word));
    }

    private static String layoutNames(int level) {
        return ParityLayout.forLevel(level).stream()
                .map(layout -> layout.mdName() + " (" + layout.number()
                        + (SHORT_NAMES.containsKey(layout.mdName()) ? ", " + SHORT_NAMES.get(layout.mdName()) : "")
                        + ")")
                .collect(Collectors.joining(", "));
    }
}
