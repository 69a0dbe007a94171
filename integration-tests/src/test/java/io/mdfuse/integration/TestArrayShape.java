package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The shape of an array that a test makes.
 *
 * @param level 4, 5 or 6
 * @param members how many data and parity devices
 * @param chunkKib chunk size in KiB
 * @param layout md's name of the layout, or "" for the level's default
 * @param metadata superblock version
 * @param journal with a write journal
 */
record TestArrayShape(int level, int members, int chunkKib, String layout, String metadata, boolean journal) {
    /** Small, so that a run of writes covers it several times; the journal wraps within a second of load. */
    static final long MEMBER_BYTES = 12 << 20;

    static final long JOURNAL_BYTES = 4 << 20;

    private static final List<String> RAID5_LAYOUTS = List.of(
            "left-symmetric", "right-symmetric", "left-asymmetric", "right-asymmetric", "parity-first", "parity-last");

    private static final List<String> RAID6_LAYOUTS = List.of(
            "left-symmetric",
            "right-symmetric",
            "left-asymmetric",
            "right-asymmetric",
            "parity-first",
            "ddf-zero-restart",
            "ddf-N-restart",
            "ddf-N-continue",
            "left-symmetric-6",
            "right-asymmetric-6",
            "parity-first-6");

    /** A plain RAID-5 of four with a journal. */
    static TestArrayShape usual() {
        return new TestArrayShape(5, 4, 64, "", "1.2", true);
    }

    /** Every layout of a level, by mdadm's names; "" if there is only one. */
    static List<String> layouts(int level) {
        return switch (level) {
            case 4 -> List.of("");
            case 5 -> RAID5_LAYOUTS;
            default -> RAID6_LAYOUTS;
        };
    }

    /** A random shape. */
    static TestArrayShape random(Random random, boolean journal) {
        int level = List.of(4, 5, 5, 6, 6).get(random.nextInt(5));
        List<String> layouts = layouts(level);
        String layout = layouts.get(random.nextInt(layouts.size()));
        int fewest = level == 6 ? 4 : 3;
        String metadata = journal ? List.of("1.1", "1.2").get(random.nextInt(2)) : "1." + random.nextInt(3);
        return new TestArrayShape(level, fewest + random.nextInt(3), 4 << random.nextInt(7), layout, metadata, journal);
    }

    /** Makes blank images in {@code directory} and the array on them with {@code mdfuse create}. */
    Images create(Path directory) throws IOException {
        Images images = Images.blank(directory, members, MEMBER_BYTES, journal ? JOURNAL_BYTES : 0);
        List<String> options = new ArrayList<>(List.of("--chunk", chunkKib + "K", "--metadata", metadata));
        if (!layout.isEmpty()) {
            options.addAll(List.of("--layout", layout));
        }
        return images.create(level, options.toArray(String[]::new));
    }
}
