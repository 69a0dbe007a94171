package io.mdfuse.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Ranges of bytes of a device, such as those that can't be read. They are ascending, do not overlap, and do not touch:
 * adjacent ranges are one. Immutable; 16 bytes of memory for each range.
 */
public final class ByteRanges {
    /** No range. */
    public static final ByteRanges NONE = new ByteRanges(new long[0], new long[0]);

    private final long[] starts;
    private final long[] ends;

    /** A range from {@code startBytes} to before {@code endBytes}. */
    public record Range(long startBytes, long endBytes) {
        public long lengthBytes() {
            return endBytes - startBytes;
        }
    }

    private ByteRanges(long[] starts, long[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /** The union of the ranges, in any order; empty ranges are left out. */
    public static ByteRanges of(List<Range> ranges) {
        List<Range> sorted = ranges.stream()
                .filter(range -> range.lengthBytes() > 0)
                .sorted(Comparator.comparingLong(Range::startBytes))
                .toList();
        long[] starts = new long[sorted.size()];
        long[] ends = new long[sorted.size()];
        int count = 0;
        for (Range range : sorted) {
            if (count > 0 && range.startBytes() <= ends[count - 1]) {
                ends[count - 1] = Math.max(ends[count - 1], range.endBytes());
            } else {
                starts[count] = range.startBytes();
                ends[count] = range.endBytes();
                count++;
            }
        }
        return count == 0 ? NONE : new ByteRanges(Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }

    /** One range; {@link #NONE} if it is empty. */
    public static ByteRanges of(long startBytes, long endBytes) {
        return of(List.of(new Range(startBytes, endBytes)));
    }

    public boolean isEmpty() {
        return starts.length == 0;
    }

    /** The number of ranges. */
    public int count() {
        return starts.length;
    }

    /** The number of bytes in all ranges. */
    public long totalBytes() {
        long total = 0;
        for (int index = 0; index < starts.length; index++) {
            total += ends[index] - starts[index];
        }
        return total;
    }

    /** The ranges, ascending. */
    public List<Range> list() {
        List<Range> ranges = new ArrayList<>(starts.length);
        for (int index = 0; index < starts.length; index++) {
            ranges.add(new Range(starts[index], ends[index]));
        }
        return ranges;
    }

    /** True if a byte of the given range is in one of these. */
    public boolean overlaps(long startBytes, long lengthBytes) {
        int index = firstEndingBehind(startBytes);
        return lengthBytes > 0 && index < starts.length && starts[index] < startBytes + lengthBytes;
    }

    /** The parts of these ranges within the given one, counted from its start. */
    public ByteRanges within(long startBytes, long lengthBytes) {
        List<Range> inside = new ArrayList<>();
        long endBytes = startBytes + lengthBytes;
        for (int index = firstEndingBehind(startBytes); index < starts.length && starts[index] < endBytes; index++) {
            long from = Math.max(starts[index], startBytes);
            inside.add(new Range(from - startBytes, Math.min(ends[index], endBytes) - startBytes));
        }
        return of(inside);
    }

    /** These ranges and the others. */
    public ByteRanges with(ByteRanges others) {
        if (others.isEmpty()) {
            return this;
        }
        List<Range> all = list();
        all.addAll(others.list());
        return of(all);
    }

    /** These ranges without the bytes of the given one. */
    public ByteRanges without(long startBytes, long lengthBytes) {
        if (!overlaps(startBytes, lengthBytes)) {
            return this;
        }
        long endBytes = startBytes + lengthBytes;
        List<Range> left = new ArrayList<>(starts.length + 1);
        for (int index = 0; index < starts.length; index++) {
            // One of the two is empty if the range lies on one side only, and is left out.
            left.add(new Range(starts[index], Math.min(ends[index], startBytes)));
            left.add(new Range(Math.max(starts[index], endBytes), ends[index]));
        }
        return of(left);
    }

    /** These ranges without the bytes of the others. */
    public ByteRanges without(ByteRanges others) {
        List<Range> left = new ArrayList<>(starts.length + others.count());
        int other = 0;
        for (int index = 0; index < starts.length; index++) {
            long from = starts[index];
            while (other < others.starts.length && others.ends[other] <= from) {
                other++;
            }
            // The last one that overlaps may reach into the next range too.
            for (int at = other; at < others.starts.length && others.starts[at] < ends[index]; at++) {
                left.add(new Range(from, others.starts[at]));
                from = Math.max(from, others.ends[at]);
            }
            left.add(new Range(from, ends[index]));
        }
        return of(left);
    }

    /** The index of the first range that ends behind this byte. */
    private int firstEndingBehind(long startBytes) {
        int found = Arrays.binarySearch(ends, startBytes);
        return found >= 0 ? found + 1 : -found - 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteRanges ranges
                && Arrays.equals(starts, ranges.starts)
                && Arrays.equals(ends, ranges.ends);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(starts) + Arrays.hashCode(ends);
    }

    @Override
    public String toString() {
        return list().toString();
    }
}
