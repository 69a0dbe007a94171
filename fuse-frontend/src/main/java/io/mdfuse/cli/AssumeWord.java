package io.mdfuse.cli;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.AssumedShape;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.lost.LostArrayShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * The value of {@code --assume}: {@code level=5,raid-devices=4,chunk=64K,layout=left-symmetric,data-offset=1M}, and
 * perhaps {@code size=}. The names are those of mdadm's options; a size alone is in bytes.
 */
final class AssumeWord {
    static final String EXAMPLE = "level=5,raid-devices=4,chunk=64K,layout=left-symmetric,data-offset=1M";

    /** In place of a device: the slot has none. */
    static final String MISSING = "missing";

    private static final List<String> KEYS = List.of("level", "raid-devices", "chunk", "layout", "data-offset", "size");
    private static final List<String> NEEDED = List.of("level", "raid-devices", "chunk", "data-offset");
    private static final long MAX_CHUNK_BYTES = 1 << 30;

    private final Map<String, String> values = new LinkedHashMap<>();
    private int level;

    private AssumeWord(String text) {
        for (String word : text.split(",", -1)) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("--assume has no " + (key.isEmpty() ? "empty word" : key)
                        + NearestWord.to(key, KEYS)
                                .map(meant -> "; did you mean " + meant + "?")
                                .orElse("")
                        + "; for example: --assume " + EXAMPLE);
            }
            if (equals < 0 || equals == word.length() - 1) {
                throw new IllegalArgumentException(
                        "--assume: " + key + " needs a value, as in " + key + "=" + example(key));
            }
            if (values.put(key, word.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("--assume has " + key + " twice");
            }
        }
        if (values.containsKey("level")) {
            // Before what is missing: another level may need other words, or can't be assumed at all.
            level = ShapeNames.levelNamed(get("level"))
                    .orElseThrow(() -> new IllegalArgumentException("--assume: level is 4, 5 or 6, not " + get("level")
                            + "; an array without parity is mounted by its superblocks alone"));
        }
        for (String key : NEEDED) {
            if (!values.containsKey(key)) {
                throw new IllegalArgumentException(
                        "--assume needs " + key + "=" + example(key) + "; mdfuse recover finds it out");
            }
        }
    }

    private static String example(String key) {
        return switch (key) {
            case "level" -> "5";
            case "raid-devices" -> "4";
            case "data-offset" -> "1M";
            case "size" -> "1G";
            case "layout" -> "left-symmetric";
            default -> "64K";
        };
    }

    /**
     * Parses the value.
     *
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    static AssumedShape parse(String text) {
        AssumeWord word = new AssumeWord(text);
        String layoutName = word.values.getOrDefault("layout", "default");
        ParityLayout layout = ShapeNames.layout(word.level, layoutName, "--assume: ", "layout");
        int disks = word.disks(layout);
        long chunk = word.bytes("chunk");
        if (chunk < Sectors.BLOCK_BYTES || chunk > MAX_CHUNK_BYTES || Long.bitCount(chunk) != 1) {
            throw new IllegalArgumentException(
                    "--assume: chunk is a power of two of at least 4K, not " + word.get("chunk"));
        }
        long used = word.values.containsKey("size") ? word.bytes("size") : 0;
        if (word.values.containsKey("size") && used < chunk) {
            throw new IllegalArgumentException("--assume: size is what the array uses of each device, at least a chunk,"
                    + " not " + word.get("size"));
        }
        return new AssumedShape(
                layout,
                disks,
                (int) (chunk / Sectors.BYTES),
                word.bytes("data-offset") / Sectors.BYTES,
                used / Sectors.BYTES);
    }

    private String get(String key) {
        return values.getOrDefault(key, "");
    }

    private int disks(ParityLayout layout) {
        int least = layout.level() == 6 ? 4 : 2;
        String word = get("raid-devices");
        int disks = word.matches("[0-9]{1,4}") ? Integer.parseInt(word) : 0;
        int most = layout.level() == 6 ? ParityLayout.MAX_SLOTS_WITH_Q : 1920;
        if (disks < least || disks > most) {
            throw new IllegalArgumentException("--assume: raid-devices is " + least + " to " + most + " at level "
                    + layout.level() + ", not " + word);
        }
        return disks;
    }

    private long bytes(String key) {
        long bytes;
        try {
            bytes = SizeConverter.parse(get(key));
        } catch (TypeConversionException e) {
            throw new IllegalArgumentException("--assume: " + key + ": " + e.getMessage(), e);
        }
        if (bytes % Sectors.BYTES != 0) {
            throw new IllegalArgumentException("--assume: " + key + " is a multiple of 512 bytes, not " + get(key));
        }
        return bytes;
    }

    /** The value that gives this shape. */
    static String of(LostArrayShape shape) {
        return "level=" + shape.level() + ",raid-devices=" + shape.raidDisks() + ",chunk="
                + SizeConverter.format(shape.chunkBytes())
                + (shape.level() == 4 ? "" : ",layout=" + shape.layout().mdName()) + ",data-offset="
                + SizeConverter.format(shape.dataOffsetBytes());
    }
}
