package io.mdfuse.raid.xray;

import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.IntStream;

/** Makes the {@link LayoutMap} of an array from its superblocks alone: no data is read. */
public final class MapMaker {
    private MapMaker() {}

    /**
     * The map of an array.
     *
     * @param reference the superblock of the array that was written last
     * @param dataSectors the sectors that each known member has for data, by slot. RAID-0 and linear need those of
     *     every slot; the other levels need none
     * @throws ArrayRefusedException if the superblock and the sizes do not say where the chunks lie; one line says why
     */
    public static LayoutMap of(Superblock reference, SortedMap<Integer, Long> dataSectors)
            throws ArrayRefusedException {
        if (reference.hasFeature(Features.RESHAPE_ACTIVE)) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    "a reshape is in progress, and where a chunk lies depends on how far it has come");
        }
        Optional<CopyLevel> level = CopyLevel.of(reference);
        return level.isPresent() ? CopyMap.of(level.get(), reference, dataSectors) : withParity(reference);
    }

    private static LayoutMap withParity(Superblock reference) throws ArrayRefusedException {
        ParityLayout layout = ParityLayout.of(reference.level(), reference.layout())
                .orElseThrow(() -> new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        "level " + reference.level() + " with layout " + reference.layout() + " is not known"));
        ArrayGeometry geometry = geometry(layout, reference);
        List<MapRow> rows = new ArrayList<>();
        long end = Math.min(LayoutMap.rowsShown(geometry.raidDisks()), geometry.rows());
        for (long row = 0; row < end; row++) {
            rows.add(parityRow(geometry, row));
        }
        return new LayoutMap(geometry.arraySectors(), rows, List.of());
    }

    private static ArrayGeometry geometry(ParityLayout layout, Superblock reference) throws ArrayRefusedException {
        try {
            return new ArrayGeometry(
                    layout, reference.raidDisks(), reference.chunkSectors(), Math.max(0, reference.usedSectors()));
        } catch (IllegalArgumentException e) {
            throw new ArrayRefusedException(Reason.CORRUPT, String.valueOf(e.getMessage()));
        }
    }

    private static MapRow parityRow(ArrayGeometry geometry, long row) {
        List<MapCell> cells = IntStream.range(0, geometry.raidDisks())
                .mapToObj(slot -> {
                    int index = geometry.dataIndex(row, slot);
                    return index >= 0
                            ? MapCell.data(row * geometry.dataDisks() + index)
                            : new MapCell(slot == geometry.parityP(row) ? MapCell.Kind.P : MapCell.Kind.Q, -1);
                })
                .toList();
        return new MapRow(row * geometry.chunkSectors(), cells);
    }
}
