package io.mdfuse.raid.superblock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The bytes of a bad-block log (Linux {@code super_1_load}, {@code md_update_sb}): entries of 64 bits, little-endian,
 * in any order.
 *
 * <pre>
 *   bit  bits  field
 *   10   54    first unit, from the start of the device (a unit has 2^shift sectors)
 *    0   10    how many units, 1 to 512
 *
 *   an entry of all ones ends the list; without one, the list is as long as the log
 * </pre>
 *
 * <b>How a valid list is changed.</b> If power fails during a write, each sector of the log is old or new. In every
 * such mixture each entry that is in both the old and the new list must be present. {@link #steps} gives the lists to
 * write to achieve this, each flushed before the next:
 *
 * <ol>
 *   <li>If the old and the new list with their ends fit in one sector: the new list.
 *   <li>Otherwise first the old list, with the new entries in place of empty entries and after its end, so that no
 *       entry moves.
 *   <li>Then each removed entry is overwritten by a copy of a kept entry from the end. Kept entries do not move.
 *   <li>Then the list is shortened. Each kept entry that is cut off has a copy in front.
 * </ol>
 */
final class BadBlockList {
    static final int ENTRY_BYTES = Long.BYTES;

    private static final int ENTRIES_IN_SECTOR = 512 / ENTRY_BYTES;
    private static final long END = -1L;
    private static final int LENGTH_BITS = 10;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;

    private BadBlockList() {}

    /** The entries before the end of the list, as stored. */
    static List<Long> entries(byte[] log) {
        ByteBuffer bytes = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        List<Long> entries = new ArrayList<>();
        while (bytes.remaining() >= ENTRY_BYTES) {
            long entry = bytes.getLong();
            if (entry == END) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    /** The bytes of a log with these entries. */
    static byte[] bytes(List<Long> entries, int lengthBytes) {
        byte[] log = new byte[lengthBytes];
        Arrays.fill(log, (byte) 0xff);
        ByteBuffer bytes = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        entries.forEach(bytes::putLong);
        return log;
    }

    static long firstUnit(long entry) {
        return entry >>> LENGTH_BITS;
    }

    static int units(long entry) {
        return (int) (entry & LENGTH_MASK);
    }

    /** The entries for some ranges, ascending; a range that is too long for one entry takes several. */
    static List<Long> encode(List<BadRange> ranges, int shift) {
        List<Long> entries = new ArrayList<>();
        for (BadRange range : ranges) {
            long end = range.endSector() >> shift;
            for (long at = range.sector() >> shift; at < end; at += BadBlocks.LONGEST_ENTRY_UNITS) {
                entries.add(at << LENGTH_BITS | Math.min(BadBlocks.LONGEST_ENTRY_UNITS, end - at));
            }
        }
        return entries;
    }

    /** An entry of length 0 lists nothing, so it may be overwritten. */
    private static void putOrAppend(List<Long> entries, long entry) {
        for (int at = 0; at < entries.size(); at++) {
            if (units(entries.get(at)) == 0) {
                entries.set(at, entry);
                return;
            }
        }
        entries.add(entry);
    }

    /**
     * The lists to write, one after the other, to change a valid log from one list to another; none if both have the
     * same entries.
     *
     * @param capacity how many entries fit
     * @throws IllegalArgumentException if the log has no room for an intermediate list
     */
    static List<List<Long>> steps(List<Long> now, List<Long> next, int capacity) {
        List<List<Long>> steps = new ArrayList<>();
        if (new HashSet<>(now).equals(new HashSet<>(next))) {
            return steps;
        }
        if (now.size() < ENTRIES_IN_SECTOR && next.size() < ENTRIES_IN_SECTOR) {
            steps.add(next);
            return steps;
        }
        Set<Long> both = new LinkedHashSet<>(now);
        both.addAll(next);
        List<Long> longer = new ArrayList<>(now);
        both.stream().skip(new HashSet<>(now).size()).forEach(entry -> putOrAppend(longer, entry));
        if (longer.size() > capacity) {
            throw new IllegalArgumentException("the bad-block log is too full to be changed safely");
        }
        if (!longer.equals(now)) {
            steps.add(longer);
        }
        Set<Long> kept = new HashSet<>(next);
        List<Long> filled = new ArrayList<>(longer);
        int end = filled.size();
        for (int at = 0; at < end; at++) {
            if (kept.contains(longer.get(at))) {
                continue;
            }
            while (end > at + 1 && !kept.contains(longer.get(end - 1))) {
                end--;
            }
            if (end == at + 1) {
                end = at;
            } else {
                filled.set(at, longer.get(--end));
            }
        }
        if (!filled.equals(longer)) {
            steps.add(filled);
        }
        if (end < filled.size()) {
            steps.add(List.copyOf(filled.subList(0, end)));
        }
        return steps;
    }
}
