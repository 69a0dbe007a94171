package io.mdfuse.raid.xray;

import io.mdfuse.raid.copies.CopyExtent;
import io.mdfuse.raid.copies.CopyLayout;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopyPlace;
import io.mdfuse.raid.copies.CopyShape;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@link LayoutMap} of an array without parity. It asks the layout that reads the array where each chunk lies, and
 * turns the answers into rows.
 */
final class CopyMap {
    private final CopyLayout layout;
    private final int slots;
    private final long chunkSectors;
    private final SortedMap<Long, MapCell[]> rows = new TreeMap<>();

    private CopyMap(CopyLayout layout, int slots, long chunkSectors) {
        this.layout = layout;
        this.slots = slots;
        this.chunkSectors = chunkSectors;
    }

    static LayoutMap of(CopyLevel level, Superblock reference, SortedMap<Integer, Long> dataSectors)
            throws ArrayRefusedException {
        if (!level.keepsCopies() && dataSectors.size() < reference.raidDisks()) {
            throw new ArrayRefusedException(
                    Reason.MISSING,
                    "where a chunk lies depends on the size of every member of a " + level.mdName() + ", and "
                            + dataSectors.size() + " of " + reference.raidDisks() + " are given");
        }
        List<Long> sizes = List.copyOf(dataSectors.values());
        CopyLayout layout = CopyShape.layout(reference.setName(), level, reference, sizes, null);
        CopyMap map = new CopyMap(layout, reference.raidDisks(), reference.chunkSectors());
        return switch (level) {
            case RAID1, LINEAR -> new LayoutMap(layout.volumeSectors(), List.of(), map.spans());
            case RAID10 -> map.drawn(List.of(0L));
            case RAID0 -> map.drawn(map.zoneStarts(sizes));
        };
    }

    private List<MapSpan> spans() {
        List<MapSpan> spans = new ArrayList<>();
        for (long sector = 0; sector < layout.volumeSectors(); ) {
            CopyExtent extent = layout.extentAt(sector);
            for (CopyPlace place : extent.places()) {
                spans.add(new MapSpan(place.slot(), place.memberSector(), sector, extent.sectors()));
            }
            sector += extent.sectors();
        }
        return spans;
    }

    /** The volume sectors at which fewer members than before share the chunks, and 0. */
    private List<Long> zoneStarts(List<Long> sizes) {
        List<Long> chunks =
                sizes.stream().map(sectors -> sectors / chunkSectors).toList();
        List<Long> ends = chunks.stream().distinct().sorted().toList();
        List<Long> starts = new ArrayList<>(List.of(0L));
        for (long end : ends.subList(0, ends.size() - 1)) {
            starts.add(chunks.stream().mapToLong(each -> Math.min(each, end)).sum() * chunkSectors);
        }
        return starts;
    }

    private LayoutMap drawn(List<Long> starts) {
        List<MapRow> shown = new ArrayList<>();
        for (long start : starts) {
            addFrom(start);
        }
        rows.forEach((row, cells) -> shown.add(new MapRow(row * chunkSectors, Arrays.asList(cells))));
        return new LayoutMap(layout.volumeSectors(), shown, List.of());
    }

    /** Adds the rows from a chunk of the volume on, and those in which the far copies of their chunks lie. */
    private void addFrom(long startSector) {
        SortedMap<Long, MapCell[]> added = new TreeMap<>();
        long endRow = rowOf(startSector) + LayoutMap.rowsShown(slots);
        for (long sector = startSector;
                sector < layout.volumeSectors() && rowOf(sector) < endRow;
                sector += chunkSectors) {
            for (CopyPlace place : layout.extentAt(sector).places()) {
                cells(added, place.memberSector() / chunkSectors)[place.slot()] = MapCell.data(sector / chunkSectors);
            }
        }
        // The last chunk may have a copy in the first row that is not shown.
        added.forEach((row, cells) -> {
            if (row < endRow || !Arrays.asList(cells).contains(MapCell.UNUSED)) {
                rows.put(row, cells);
            }
        });
    }

    private MapCell[] cells(SortedMap<Long, MapCell[]> target, long row) {
        return target.computeIfAbsent(row, _ -> {
            MapCell[] cells = new MapCell[slots];
            Arrays.fill(cells, MapCell.UNUSED);
            return cells;
        });
    }

    private long rowOf(long volumeSector) {
        return layout.extentAt(volumeSector).places().getFirst().memberSector() / chunkSectors;
    }
}
