package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.spec.RescueMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an earlier run of an export has read, by its map. The map must name the same array with the same event count,
 * and what the map calls read must be in the file: a file that another program made shorter or longer is refused.
 */
final class EarlierExport {
    private EarlierExport() {}

    /**
     * What was read.
     *
     * @param array names the array and its state; one line
     * @throws IOException if the map is not that of an export of this array as it is now, or does not fit the file; the
     *     message says what was found
     */
    static ByteRanges of(Path file, Path map, String array, long sizeBytes) throws IOException {
        RescueMap found = RescueMap.read(map);
        String otherwise = ": give another name, or remove " + file + " and " + map;
        String named = array(map)
                .orElseThrow(() ->
                        new IOException(map + ": is not the map of an export: it names no array; give another name"));
        if (!named.equals(array)) {
            throw new IOException(map + ": is not the map of an export of this array as it is now (" + array
                    + "), but of " + named + otherwise);
        }
        if (found.sizeBytes() != sizeBytes) {
            throw new IOException(
                    map + ": covers " + found.sizeBytes() + " bytes, and the array has " + sizeBytes + otherwise);
        }
        ByteRanges read = ByteRanges.of(0, sizeBytes);
        for (ByteRanges.Range range : found.unreadable().list()) {
            read = read.without(range.startBytes(), range.lengthBytes());
        }
        long length = Files.size(file);
        if (length < end(read)) {
            throw new IOException(file + ": has " + length + " bytes, but by " + map + " it was written up to byte "
                    + end(read) + ", so something has made it shorter" + otherwise);
        }
        if (length > sizeBytes) {
            throw new IOException(file + ": has " + length + " bytes, but the array has " + sizeBytes
                    + ", so something has made it longer" + otherwise);
        }
        return read;
    }

    /** Where the last of these ranges ends, in bytes; 0 if there is none. */
    static long end(ByteRanges ranges) {
        return ranges.isEmpty() ? 0 : ranges.list().getLast().endBytes();
    }

    /** The comment that names what was exported; empty if there is none. */
    private static Optional<String> array(Path map) throws IOException {
        // Bytes that are no text are in no name that an export has written.
        String text = new String(Files.readAllBytes(map), StandardCharsets.UTF_8);
        return text.lines()
                .filter(line -> line.startsWith("# array ") || line.startsWith("# volume "))
                .map(line -> line.substring(2))
                .findFirst();
    }
}
