package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a span of whole blocks into runs. In one chunk row, a span covers the end of its first chunk, complete chunks,
 * and the start of its last chunk. The set of written slots changes where the first part begins and where the last part
 * ends, so a row gives at most three runs.
 *
 * <pre>
 *   offset in chunk   0 ....... y ....... x ....... end
 *   first chunk                           ##########        runs: [0,y) last      (and complete chunks)
 *   complete chunks   ##############################              [y,x) complete chunks, if any
 *   last chunk        ##########                                  [x,end) first   (and complete chunks)
 * </pre>
 */
final class RunSplitter {
    private final ArrayGeometry geometry;
    private final int maxStripesInRun;

    /**
     * Creates a splitter.
     *
     * @param maxStripesInRun longer runs are cut, so that the blocks that a {@link WritePlan} reads fit the buffers
     */
    RunSplitter(ArrayGeometry geometry, int maxStripesInRun) {
        this.geometry = geometry;
        this.maxStripesInRun = maxStripesInRun;
    }

    /** Cuts the span that starts at {@code arraySector}, a multiple of 8, and consists of complete blocks. */
    List<RunWrite> split(long arraySector, MemorySegment pages) {
        List<RunWrite> runs = new ArrayList<>();
        long endSector = arraySector + pages.byteSize() / Sectors.BYTES;
        for (long at = arraySector; at < endSector; ) {
            long rowStart = geometry.rowOf(at) * geometry.rowSectors();
            long pieceEnd = Math.min(endSector, rowStart + geometry.rowSectors());
            MemorySegment piece = pages.asSlice(Sectors.toBytes(at - arraySector), Sectors.toBytes(pieceEnd - at));
            splitRow(runs, rowStart, (int) (at - rowStart), piece);
            at = pieceEnd;
        }
        return runs;
    }

    /** Cuts the part of the span in one row; it starts {@code fromSector} array sectors into the row. */
    private void splitRow(List<RunWrite> runs, long rowStart, int fromSector, MemorySegment piece) {
        int chunk = geometry.chunkSectors();
        int endSector = fromSector + (int) (piece.byteSize() / Sectors.BYTES);
        int firstIndex = fromSector / chunk;
        int lastIndex = (endSector - 1) / chunk;
        int firstFrom = fromSector - firstIndex * chunk;
        int lastEnd = endSector - lastIndex * chunk;
        int[] cuts =
                firstIndex == lastIndex ? new int[] {firstFrom, lastEnd} : new int[] {0, firstFrom, lastEnd, chunk};
        Arrays.sort(cuts);
        for (int i = 1; i < cuts.length; i++) {
            for (int at = cuts[i - 1]; at < cuts[i]; at += maxStripesInRun * Sectors.PER_BLOCK) {
                int runEnd = Math.min(cuts[i], at + maxStripesInRun * Sectors.PER_BLOCK);
                addRun(runs, rowStart, fromSector, piece, at, runEnd);
            }
        }
    }

    private void addRun(
            List<RunWrite> runs, long rowStart, int fromSector, MemorySegment piece, int runFrom, int runEnd) {
        int chunk = geometry.chunkSectors();
        List<@Nullable MemorySegment> newData = new ArrayList<>(geometry.dataDisks());
        boolean any = false;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long pieceOffsetBytes = Sectors.toBytes((long) index * chunk + runFrom - fromSector);
            long lengthBytes = Sectors.toBytes(runEnd - runFrom);
            boolean inside = pieceOffsetBytes >= 0 && pieceOffsetBytes + lengthBytes <= piece.byteSize();
            newData.add(inside ? piece.asSlice(pieceOffsetBytes, lengthBytes) : null);
            any |= inside;
        }
        if (any) {
            long stripeSector = geometry.stripeSectorOf(rowStart) + runFrom;
            runs.add(new RunWrite(geometry, stripeSector, (runEnd - runFrom) / Sectors.PER_BLOCK, newData));
        }
    }
}
