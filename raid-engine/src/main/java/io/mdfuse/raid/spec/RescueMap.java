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

    /** The status of a block that was read. */
    static final char READ = '+';

    /** A line of the map: bytes from {@code startBytes} to before {@code endBytes}, all of one status. */
    record Block(long startBytes, long endBytes, char status) {}

    /**
     * Reads a map.
     *
     * @throws DeviceOpenException if the file can't be read or is no map: its name, the line and what is wrong
     */
    public static RescueMap read(Path file) throws DeviceOpenException {
        return of(blocks(file));
    }

    /** The blocks of a map, ascending, each beginning where the one before ends; at least one. */
    static List<Block> blocks(Path file) throws DeviceOpenException {
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

    private static RescueMap of(List<Block> blocks) {
        List<ByteRanges.Range> unreadable = new ArrayList<>();
        unreadable.add(new ByteRanges.Range(0, blocks.getFirst().startBytes()));
        for (Block block : blocks) {
            if (block.status() != READ) {
                unreadable.add(new ByteRanges.Range(block.startBytes(), block.endBytes()));
            }
        }
        return new RescueMap(blocks.getLast().endBytes(), ByteRanges.of(unreadable));
    }

    private static List<Block> parse(Path file, InputStream bytes) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.ISO_8859_1));
        List<Block> blocks = new ArrayList<>();
        boolean statusSeen = false;
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (statusSeen) {
                long end = blocks.isEmpty() ? -1 : blocks.getLast().endBytes();
                blocks.add(block(file, number, text, end));
                if (blocks.size() > MAX_BLOCKS) {
                    throw bad(file, "line " + number + " of the map: the map has more than " + MAX_BLOCKS + " blocks");
                }
            } else if (STATUS_LINE.matcher(text).matches()) {
                statusSeen = true;
            } else {
                throw bad(file, "is no map: its line " + number + " is not POSITION STATUS");
            }
        }
        if (blocks.isEmpty()) {
            throw bad(file, "the map has no block");
        }
        return blocks;
    }

    /** @param expectedStart where the block before ends; -1 for the first block */
    private static Block block(Path file, int number, String text, long expectedStart) throws DeviceOpenException {
        Matcher block = BLOCK_LINE.matcher(text);
        if (!block.matches()) {
            throw bad(file, "line " + number + " of the map: is not POSITION SIZE STATUS");
        }
        long start = number(file, number, block.group(1));
        long size = number(file, number, block.group(2));
        boolean apart = expectedStart >= 0 && start != expectedStart;
        if (size == 0 || start > Long.MAX_VALUE - size || apart) {
            throw bad(
                    file,
                    "line " + number + " of the map: the block of " + size + " bytes at " + start
                            + (apart
                                    ? " does not begin where the one before ends, at " + expectedStart
                                    : " is not possible"));
        }
        return new Block(start, start + size, block.group(3).charAt(0));
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
