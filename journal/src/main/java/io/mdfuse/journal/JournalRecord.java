package io.mdfuse.journal;

import java.util.List;

/**
 * One payload of a meta block, with the result of verifying its pages. The content of the pages stays in the log:
 * {@link LogArea#readBlocks} reads it.
 */
public sealed interface JournalRecord {
    /**
     * A new block of a data slot.
     *
     * @param arraySector the array sector of the block
     * @param pageSector the position of its page, in sectors from the start of the log
     * @param intact whether the page has the stored checksum
     */
    record Data(long arraySector, long pageSector, boolean intact) implements JournalRecord {}

    /**
     * The new parity of a stripe. It covers all data of the stripe that precedes it in the log.
     *
     * @param stripeSector member sector of the stripe
     * @param pPageSector the position of P's page, in sectors from the start of the log
     * @param pIntact whether P's page has the stored checksum
     * @param qPageSector the position of Q's page; {@link #NO_PAGE} if there is none
     * @param qIntact whether Q's page has the stored checksum; true if there is none
     */
    record Parity(long stripeSector, long pPageSector, boolean pIntact, long qPageSector, boolean qIntact)
            implements JournalRecord {}

    /**
     * Everything that the log contains for these stripes before this record is on the members.
     *
     * @param stripeSectors member sectors of the stripes
     */
    record Flush(List<Long> stripeSectors) implements JournalRecord {}

    /** The position of a page that does not exist. */
    long NO_PAGE = -1;
}
