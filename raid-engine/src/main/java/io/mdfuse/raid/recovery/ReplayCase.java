package io.mdfuse.raid.recovery;

/**
 * The decision table of the replay: what is done with a stripe, by what the log holds of it.
 *
 * <pre>
 *   settled data  pending data  parity pages    damaged pages             case
 *   no            no            any             -                         NOTHING
 *   yes           no            all intact      none                      AS_LOGGED
 *   yes           no            some intact     as many, or fewer         SOLVE_PAGE
 *   any other, no damaged data page                                       MAKE_PARITY
 *   any other                                                             LOSE_PAGES
 * </pre>
 *
 * Each case may be done again from the start when a crash cuts it short: none reads what it writes. It reads pages of
 * the log, and blocks of slots that the log does not hold.
 */
enum ReplayCase {
    /** Parity alone: its data was on the members, flushed, before the tail passed it. Nothing to do. */
    NOTHING,

    /** Data and the parity that covers it: both are written as they are logged. */
    AS_LOGGED,

    /**
     * A data page is damaged, but a parity that covers it is not: the page is the difference between the
     * parity and all other blocks of the stripe, logged or on the members. With P and Q two pages can be solved. Nothing is
     * lost.
     */
    SOLVE_PAGE,

    /**
     * Every data page is good, but there is no good parity for the newest of them: data that was cached and never
     * written out, or a damaged parity page. The data is written, and parity is made from all data of the stripe.
     */
    MAKE_PARITY,

    /**
     * A damaged page that nothing can solve: what the log held there is lost and said so. The good pages are written,
     * of the lost block an older good page if the log has one, else it stays as the member has it; and parity is made from all data of the stripe.
     */
    LOSE_PAGES;

    /**
     * Finds the one row of the table that holds.
     *
     * @param settledData data that a logged parity covers
     * @param pendingData data after the last logged parity
     * @param missingParities how many pages of the newest parity are damaged, or were never logged
     * @param intactParities how many are there and good
     * @param damaged of how many slots the newest page is damaged
     */
    static ReplayCase of(
            boolean settledData, boolean pendingData, int missingParities, int intactParities, int damaged) {
        if (!settledData && !pendingData) {
            return NOTHING;
        }
        if (!pendingData && damaged == 0 && missingParities == 0) {
            return AS_LOGGED;
        }
        if (!pendingData && damaged > 0 && damaged <= intactParities) {
            return SOLVE_PAGE;
        }
        return damaged == 0 ? MAKE_PARITY : LOSE_PAGES;
    }
}
