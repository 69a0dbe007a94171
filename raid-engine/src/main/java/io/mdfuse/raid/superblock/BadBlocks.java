package io.mdfuse.raid.superblock;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The sectors of a device whose content is lost: those that its bad-block log lists, or will list after the next
 * update. It lives apart from {@link BadBlockLog} because this is asked before every read, while the log is read once
 * and rarely written.
 *
 * <p>The unit is 2^shift sectors (bblog_shift). A range that becomes bad is rounded outwards and one that becomes good
 * inwards, so that a sector never counts as good because its neighbour is. Adjacent ranges are merged. The list never
 * has more entries than fit in the log. Any number of threads may call at once; {@link #overlaps} costs one volatile
 * read if nothing is bad.
 */
public final class BadBlocks {
    /** The longest range that one entry of the list can hold, in units. */
    static final int LONGEST_ENTRY_UNITS = 512;

    private final RankedLock lock = new RankedLock(LockRank.BAD_BLOCKS);
    private final int shift;
    private final int capacity;
    /** The end of each range by its start, in units. Replaced as a whole, never changed. */
    private volatile NavigableMap<Long, Long> endByStart = new TreeMap<>();

    private volatile List<BadRange> stored = List.of();

    /**
     * An empty list.
     *
     * @param shift a unit has 2^shift sectors
     * @param capacity how many entries the log has room for; 0 for a device without one
     */
    public BadBlocks(int shift, int capacity) {
        this.shift = shift;
        this.capacity = capacity;
    }

    /** For a device without a log: nothing is bad, and no block can be added. */
    public static BadBlocks withoutLog() {
        return new BadBlocks(0, 0);
    }

    /** A list that is kept in memory only, of any number of ranges in any order, in sectors. */
    public static BadBlocks unlimited(List<BadRange> ranges) {
        TreeMap<Long, Long> merged = new TreeMap<>();
        List<BadRange> sorted = ranges.stream()
                .filter(range -> range.sectors() > 0)
                .sorted(Comparator.comparingLong(BadRange::sector))
                .toList();
        for (BadRange range : sorted) {
            Map.Entry<Long, Long> last = merged.lastEntry();
            if (last != null && range.sector() <= last.getValue()) {
                merged.put(last.getKey(), Math.max(last.getValue(), range.endSector()));
            } else {
                merged.put(range.sector(), range.endSector());
            }
        }
        BadBlocks all = new BadBlocks(0, Integer.MAX_VALUE);
        all.endByStart = merged;
        return all;
    }

    /** How many of these sectors are bad. */
    public long sectorsWithin(long fromSector, long endSector) {
        NavigableMap<Long, Long> bad = endByStart;
        Long first = bad.floorKey(fromSector >> shift);
        long sectors = 0;
        for (Map.Entry<Long, Long> range :
                bad.tailMap(first == null ? 0L : first, true).entrySet()) {
            if (range.getKey() << shift >= endSector) {
                break;
            }
            long end = Math.min(range.getValue() << shift, endSector);
            sectors += Math.max(0, end - Math.max(range.getKey() << shift, fromSector));
        }
        return sectors;
    }

    /** True if the device has a log, full or not. */
    public boolean hasLog() {
        return capacity > 0;
    }

    /**
     * True if any of the sectors is bad.
     *
     * @param sector from the start of the device
     */
    public boolean overlaps(long sector, long sectors) {
        NavigableMap<Long, Long> bad = endByStart;
        if (bad.isEmpty() || sectors <= 0) {
            return false;
        }
        Map.Entry<Long, Long> before = bad.lowerEntry(unitsUp(sector + sectors));
        return before != null && before.getValue() > sector >> shift;
    }

    /**
     * True if all of the sectors are bad.
     *
     * @param sector from the start of the device
     */
    public boolean containsAll(long sector, long sectors) {
        Map.Entry<Long, Long> before = endByStart.floorEntry(sector >> shift);
        return before != null && before.getValue() >= unitsUp(sector + sectors);
    }

    /** True if nothing is bad. */
    public boolean isEmpty() {
        return endByStart.isEmpty();
    }

    /** Adds sectors; false, without a change, if the log has no room for them. */
    public boolean add(long sector, long sectors) {
        try (RankedLock.Held _ = lock.acquire()) {
            long from = sector >> shift;
            long end = unitsUp(sector + sectors);
            TreeMap<Long, Long> next = new TreeMap<>(endByStart);
            Map.Entry<Long, Long> before = next.floorEntry(from);
            if (before != null && before.getValue() >= from) {
                from = before.getKey();
            }
            for (Map.Entry<Long, Long> other = next.ceilingEntry(from);
                    other != null && other.getKey() <= end;
                    other = next.ceilingEntry(from)) {
                end = Math.max(end, other.getValue());
                next.remove(other.getKey());
            }
            next.put(from, end);
            return replaceIfItFits(next);
        }
    }

    /**
     * Removes sectors that are good again. If a long range would be cut in two and the log has no room for both,
     * nothing changes: a block that stays listed is solved from the others, which is correct, too.
     */
    public void remove(long sector, long sectors) {
        try (RankedLock.Held _ = lock.acquire()) {
            long from = unitsUp(sector);
            long end = (sector + sectors) >> shift;
            if (from >= end || !overlaps(sector, sectors)) {
                return;
            }
            TreeMap<Long, Long> next = new TreeMap<>();
            for (Map.Entry<Long, Long> range : endByStart.entrySet()) {
                putUnlessEmpty(next, range.getKey(), Math.min(range.getValue(), from));
                putUnlessEmpty(next, Math.max(range.getKey(), end), range.getValue());
            }
            replaceIfItFits(next);
        }
    }

    private static void putUnlessEmpty(Map<Long, Long> ranges, long from, long end) {
        if (from < end) {
            ranges.put(from, end);
        }
    }

    private boolean replaceIfItFits(NavigableMap<Long, Long> next) {
        long entries = 0;
        for (Map.Entry<Long, Long> range : next.entrySet()) {
            entries += Math.ceilDiv(range.getValue() - range.getKey(), LONGEST_ENTRY_UNITS);
        }
        if (entries > capacity) {
            return false;
        }
        endByStart = next;
        return true;
    }

    private long unitsUp(long sectors) {
        return Math.ceilDiv(sectors, 1L << shift);
    }

    /** The bad ranges, ascending. */
    public List<BadRange> ranges() {
        List<BadRange> ranges = new ArrayList<>();
        for (Map.Entry<Long, Long> range : endByStart.entrySet()) {
            ranges.add(new BadRange(range.getKey() << shift, (range.getValue() - range.getKey()) << shift));
        }
        return ranges;
    }

    /** How many sectors are bad. */
    public long sectors() {
        return ranges().stream().mapToLong(BadRange::sectors).sum();
    }

    /** True if the superblock and the log on the disk say the same, durably. */
    public boolean isStored() {
        return ranges().equals(stored);
    }

    /** Records that the superblock and the log on the disk say this, durably. */
    public void stored(List<BadRange> ranges) {
        stored = List.copyOf(ranges);
    }
}
