package io.mdfuse.raid.spec;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceOpenException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The map of an image in GNU ddrescue's form (its manual, "Mapfile structure"): text in lines.
 *
 * <pre>
 *   # comment                    any number of these, anywhere
 *   POSITION STATUS [PASS]       where the program was, and what it did
 *   POSITION SIZE STATUS         a block; each begins where the one before ends
 * </pre>
 *
 * Numbers are decimal, or hexadecimal with 0x, or octal with 0. The status of a block that was read is {@code +}; that
 * of every other block is one of {@code ? * / -}: not tried, not trimmed, not scraped, bad. What precedes the first
 * block was not tried either.
 *
 * @param sizeBytes the end of the last block
 * @param unreadable all that was not read
 */
public record RescueMap(long sizeBytes, ByteRanges unreadable) {
    /** Blocks in a map, at most; a map is smaller than {@link #MAX_BYTES}. */
    static final int MAX_BLOCKS = 500_000;

    static final int MAX_BYTES = 32 << 20;

    private static final Pattern STATUS_LINE = Pattern.compile("(0x[0-9a-fA-F]+|[0-9]+)\\s+[?*/\\-FG+](\\s+[0-9]+)?");
    private static final Pattern BLOCK_LINE =
            Pattern.compile("(0x[0-9a-fA-F]{1,16}|[0-9]{1,22})\\s+(0x[0-9a-fA-F]{1,16}|[0-9]{1,22})\\s+([?*/\\-+])");

    /**
     * Reads a map.
     *
     * @throws DeviceOpenException if the file can't be read or is no map: its name, the line and what is wrong
     */
    public static RescueMap read(Path file) throws DeviceOpenException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw bad(file, "is no map: it has more than " + MAX_BYTES + " bytes");
            }
            try (InputStream bytes = Files.newInputStream(file)) {
                return parse(file, bytes);
            }
        } catch (DeviceOpenException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw bad(file, "there is no such map");
        } catch (IOException e) {
            throw bad(file, "the map can't be read: " + e.getMessage());
        }
    }

    /** True if the first lines are those of a map, right or damaged. */
    static boolean beginsLikeOne(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            String start = new String(bytes.readNBytes(4096), StandardCharsets.ISO_8859_1);
            for (String line : start.split("\n", -1)) {
                boolean named = line.startsWith("# Mapfile. Created by") || line.startsWith("# Rescue Logfile.");
                if (named || STATUS_LINE.matcher(line.strip()).matches()) {
                    return true;
                }
                if (!line.isBlank() && !line.startsWith("#")) {
                    return false;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static RescueMap parse(Path file, InputStream bytes) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.ISO_8859_1));
        List<ByteRanges.Range> unreadable = new ArrayList<>();
        long end = -1;
        int number = 0;
        int blocks = -1;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (blocks++ < 0) {
                if (!STATUS_LINE.matcher(text).matches()) {
                    throw bad(file, "is no map: its line " + number + " is not POSITION STATUS");
                }
                continue;
            }
            Matcher block = BLOCK_LINE.matcher(text);
            if (!block.matches() || blocks > MAX_BLOCKS) {
                String why = block.matches()
                        ? "the map has more than " + MAX_BLOCKS + " blocks"
                        : "is not" + " POSITION SIZE STATUS";
                throw bad(file, "line " + number + " of the map: " + why);
            }
            long start = number(file, number, block.group(1));
            long size = number(file, number, block.group(2));
            if (size == 0 || start > Long.MAX_VALUE - size || (end >= 0 && start != end)) {
                throw bad(
                        file,
                        "line " + number + " of the map: the block of " + size + " bytes at " + start
                                + (end >= 0 && start != end
                                        ? " does not begin where the one before ends, at " + end
                                        : " is not possible"));
            }
            if (end < 0) {
                unreadable.add(new ByteRanges.Range(0, start));
            }
            end = start + size;
            if (!block.group(3).equals("+")) {
                unreadable.add(new ByteRanges.Range(start, end));
            }
        }
        if (end < 0) {
            throw bad(file, "the map has no block");
        }
        return new RescueMap(end, ByteRanges.of(unreadable));
    }

    private static long number(Path file, int line, String text) throws DeviceOpenException {
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw bad(file, "line " + line + " of the map: " + text + " is no position or size");
        }
    }

    private static DeviceOpenException bad(Path file, String why) {
        return new DeviceOpenException(file.toString(), why);
    }
}
