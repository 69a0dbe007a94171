package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ring of a journal as a picture of characters: each stands for the same number of blocks, and shows the most
 * telling of what they hold.
 *
 * <pre>
 *   !  a damaged page, or a lost meta block      T  the tail
 *   d  data                                      H  the head: where the log ends
 *   p  parity                                    m  meta blocks alone
 *   .  not in the log
 * </pre>
 */
final class JournalRing {
    private static final int WIDTH = 64;
    private static final int MOST_ROWS = 16;
    private static final String RANK = ".mpd!TH";

    private final LogArea area;
    private final long blocksPerCell;
    private final char[] cells;

    /** A picture of an empty ring. */
    JournalRing(LogArea area) {
        this.area = area;
        long blocks = area.sizeSectors() / Sectors.PER_BLOCK;
        this.blocksPerCell = Math.ceilDiv(blocks, (long) WIDTH * MOST_ROWS);
        this.cells = new char[(int) Math.ceilDiv(blocks, blocksPerCell)];
        Arrays.fill(cells, '.');
    }

    /** Draws a block and its pages. */
    void add(ScannedBlock block) {
        mark(block.position().sector(), 'm');
        for (JournalRecord each : block.records()) {
            switch (each) {
                case JournalRecord.Data data -> mark(data.pageSector(), data.intact() ? 'd' : '!');
                case JournalRecord.Parity parity -> {
                    mark(parity.pPageSector(), parity.pIntact() ? 'p' : '!');
                    if (parity.qPageSector() != JournalRecord.NO_PAGE) {
                        mark(parity.qPageSector(), parity.qIntact() ? 'p' : '!');
                    }
                }
                case JournalRecord.Flush _ -> {}
            }
        }
    }

    /** Draws a part whose content is lost. */
    void add(ScannedGap gap) {
        long blocks = area.distance(gap.lost().sector(), gap.resumed().sector()) / Sectors.PER_BLOCK;
        for (long block = 0; block < blocks; block++) {
            mark(area.add(gap.lost().sector(), block * Sectors.PER_BLOCK), '!');
        }
    }

    /** Draws where the log begins and ends. */
    void add(long tailSector, LogPosition end) {
        mark(end.sector(), 'H');
        cells[cell(tailSector)] = 'T';
    }

    private void mark(long sector, char what) {
        int cell = cell(sector);
        if (RANK.indexOf(what) > RANK.indexOf(cells[cell])) {
            cells[cell] = what;
        }
    }

    private int cell(long sector) {
        return (int) (sector / Sectors.PER_BLOCK / blocksPerCell);
    }

    /** The picture, a line for each row, and its legend. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int from = 0; from < cells.length; from += WIDTH) {
            int length = Math.min(WIDTH, cells.length - from);
            lines.add(String.format(
                    "%10d  |%s|", from * blocksPerCell * Sectors.PER_BLOCK, new String(cells, from, length)));
        }
        lines.add("each character is " + blocksPerCell + (blocksPerCell == 1 ? " block" : " blocks") + " of 4 KiB:");
        lines.add("T tail, H head, d data, p parity, m meta block, ! damaged, . not in the log");
        return lines;
    }
}
