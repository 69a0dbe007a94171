package io.mdfuse.raid.spec;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes maps in the form that {@link RescueMap} reads and ddrescue continues from.
 *
 * @param comments lines without the # before them
 * @param done what was read
 * @param unreadable what could not be read; what is in neither was not tried
 */
public record RescueMapText(List<String> comments, long sizeBytes, ByteRanges done, ByteRanges unreadable) {
    /** The lines. */
    public String text() {
        StringBuilder text = new StringBuilder();
        comments.forEach(comment -> text.append("# ").append(comment).append('\n'));
        ByteRanges known = done.with(unreadable);
        long position = known.isEmpty() || known.list().getFirst().startBytes() > 0
                ? 0
                : known.list().getFirst().endBytes();
        boolean complete = known.totalBytes() == sizeBytes;
        text.append("# current_pos  current_status  current_pass\n");
        text.append(String.format(Locale.ROOT, "0x%08X     %s               1%n", position, complete ? "+" : "?"));
        text.append("#      pos        size  status\n");
        long at = 0;
        for (Range range : done.list()) {
            appendGap(text, at, range.startBytes());
            append(text, range, '+');
            at = range.endBytes();
        }
        appendGap(text, at, sizeBytes);
        return text.toString();
    }

    /** What lies between two parts that were read: bad, or not tried. */
    private void appendGap(StringBuilder text, long start, long end) {
        long at = start;
        for (Range bad : unreadable.within(start, end - start).list()) {
            append(text, new Range(at, start + bad.startBytes()), '?');
            append(text, new Range(start + bad.startBytes(), start + bad.endBytes()), '-');
            at = start + bad.endBytes();
        }
        append(text, new Range(at, end), '?');
    }

    private static void append(StringBuilder text, Range range, char status) {
        if (range.lengthBytes() > 0) {
            text.append(String.format(
                    Locale.ROOT, "0x%08X  0x%08X  %c%n", range.startBytes(), range.lengthBytes(), status));
        }
    }

    /**
     * Refuses a file that {@link #writeTo} would refuse for the name that the new map has at first.
     *
     * @throws IOException if there is such a file; the message names it
     */
    public void requireReplaceable(Path file) throws IOException {
        DurableText.requireReplaceable(file, text());
    }

    /**
     * Replaces the file as a whole, durably: after a crash it is the old one or this one. The new map is first a file
     * with {@code .new} behind the name.
     *
     * @throws IOException if it can't be written, or a file that is no such map has that name; the message names it
     */
    public void writeTo(Path file) throws IOException {
        DurableText.replace(file, text());
    }
}
