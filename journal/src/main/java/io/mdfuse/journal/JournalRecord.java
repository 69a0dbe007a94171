package io.mdfuse.journal;

import java.util.List;

/** What one payload of a meta block says, its pages verified but left where they lie: {@link LogArea#readPage}. */
public sealed interface JournalRecord {
    /**
     * A new block of a data slot.
     *
     * @param arraySector which block of the array
     * @param pageSector where its page lies in the log
     * @param intact whether the page has the checksum that was promised
     */
    record Data(long arraySector, long pageSector, boolean intact) implements JournalRecord {}

    /**
     * The new parity of a stripe, for the data that came before it.
     *
     * @param stripeSector member sector of the stripe
     * @param pPageSector where P lies in the log
     * @param pIntact whether P's page has the checksum that was promised
     * @param qPageSector where Q lies in the log; {@link #NO_PAGE} where there is none
     * @param qIntact the same for Q; true where there is none
     */
    record Parity(long stripeSector, long pPageSector, boolean pIntact, long qPageSector, boolean qIntact)
            implements JournalRecord {}

    /**
     * What the log held of these stripes so far is on the members.
     *
     * @param stripeSectors member sectors of the stripes
     */
    record Flush(List<Long> stripeSectors) implements JournalRecord {}

    /** The place of a page that does not exist. */
    long NO_PAGE = -1;
}
