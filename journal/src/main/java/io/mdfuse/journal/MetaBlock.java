package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.util.ArrayList;
import java.util.List;

/**
 * A valid meta block, parsed.
 *
 * @param position the block's position and sequence
 * @param payloads in the order in which they stand in the block
 * @param pageChecksums the checksum stored for each page, in the order of the pages behind the block
 */
record MetaBlock(LogPosition position, List<Payload> payloads, List<Integer> pageChecksums) {
    int pageCount() {
        return pageChecksums.size();
    }

    /** The length of the block and its pages. */
    long lengthSectors() {
        return (1L + pageCount()) * Sectors.PER_BLOCK;
    }

    /** The position of page {@code index} in the log. */
    long pageSector(LogArea area, int index) {
        return area.add(position.sector(), (1L + index) * Sectors.PER_BLOCK);
    }

    /** The position and sequence of the meta block behind this block's pages. */
    LogPosition next(LogArea area) {
        return new LogPosition(area.add(position.sector(), lengthSectors()), position.sequence() + 1);
    }

    /** @param intact for each page, whether its content has the stored checksum */
    ScannedBlock toScannedBlock(LogArea area, boolean[] intact) {
        List<JournalRecord> records = new ArrayList<>(payloads.size());
        int page = 0;
        boolean allIntact = true;
        for (boolean pageIntact : intact) {
            allIntact &= pageIntact;
        }
        for (Payload payload : payloads) {
            switch (payload) {
                case Payload.Data(long arraySector) -> {
                    records.add(new JournalRecord.Data(arraySector, pageSector(area, page), intact[page]));
                    page++;
                }
                case Payload.Parity(long stripeSector, boolean hasQ) -> {
                    long qSector = hasQ ? pageSector(area, page + 1) : JournalRecord.NO_PAGE;
                    boolean qIntact = !hasQ || intact[page + 1];
                    records.add(new JournalRecord.Parity(
                            stripeSector, pageSector(area, page), intact[page], qSector, qIntact));
                    page += hasQ ? 2 : 1;
                }
                case Payload.Flush(List<Long> stripeSectors) -> records.add(new JournalRecord.Flush(stripeSectors));
            }
        }
        return new ScannedBlock(position, next(area), List.copyOf(records), allIntact);
    }
}
