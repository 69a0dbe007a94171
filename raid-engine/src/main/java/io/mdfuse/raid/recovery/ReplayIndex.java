package io.mdfuse.raid.recovery;

import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * Collects the journal's records by stripe, in ascending order, so that the members are written front to back and each
 * block once, however many versions of it are in the log. The index has the log positions of pages, not the pages.
 */
final class ReplayIndex implements BlockVisitor {
    private final ArrayGeometry geometry;
    private final TreeMap<Long, StripeReplay> stripes = new TreeMap<>();
    private final List<ScannedGap> gaps = new ArrayList<>();
    private boolean afterGap;

    ReplayIndex(ArrayGeometry geometry) {
        this.geometry = geometry;
    }

    @Override
    public void visit(ScannedBlock block) throws IOException {
        for (JournalRecord journalRecord : block.records()) {
            switch (journalRecord) {
                case JournalRecord.Data data -> {
                    requireInside(data.arraySector(), geometry.arraySectors(), block);
                    stripe(geometry.stripeSectorOf(data.arraySector()))
                            .data(geometry.dataIndexOf(data.arraySector()), data.pageSector(), data.intact());
                }
                case JournalRecord.Parity parity -> {
                    requireInside(parity.stripeSector(), geometry.memberSectors(), block);
                    StripeReplay stripe = stripe(parity.stripeSector());
                    if (afterGap) {
                        stripe.unusableParity();
                    } else {
                        stripe.parity(
                                parity.pIntact() ? parity.pPageSector() : StripeReplay.NONE,
                                parity.qIntact() ? parity.qPageSector() : StripeReplay.NONE);
                    }
                }
                case JournalRecord.Flush flush -> flush.stripeSectors().forEach(stripes::remove);
            }
        }
    }

    /** The lost block may describe data that a later parity covers, so no parity after a gap is used. */
    @Override
    public void gap(ScannedGap gap) {
        afterGap = true;
        gaps.add(gap);
    }

    /** The unreadable parts of the log. */
    List<ScannedGap> gaps() {
        return List.copyOf(gaps);
    }

    private StripeReplay stripe(long stripeSector) {
        return stripes.computeIfAbsent(stripeSector, sector -> new StripeReplay(geometry.dataDisks()));
    }

    private static void requireInside(long sector, long endSector, ScannedBlock block) throws IOException {
        if (sector < 0 || sector >= endSector || sector % 8 != 0) {
            throw new IOException("the journal's block at sector "
                    + block.position().sector() + " names sector " + sector + ", which the array does not have");
        }
    }

    /** The first member sectors of the stripes that have records in the log, ascending. */
    Collection<Long> stripeSectors() {
        return stripes.keySet();
    }

    /** The records of a stripe. */
    StripeReplay stripeAt(long stripeSector) {
        StripeReplay stripe = stripes.get(stripeSector);
        if (stripe == null) {
            throw new IllegalArgumentException("the log has no record of stripe " + stripeSector);
        }
        return stripe;
    }
}
