package io.mdfuse.raid.recovery;

/**
 * The decision table of the replay: what is done with a stripe, by what the log holds of it.
 *
 * <pre>
 *   settled data  pending data  parity     damaged pages             case
 *   no            no            any        -                         NOTHING
 *   yes           no            intact     none                      AS_LOGGED
 *   yes           no            intact     one                       SOLVE_PAGE
 *   any other, no damaged data page                                  MAKE_PARITY
 *   any other                                                        LOSE_PAGES
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
     * One data page is damaged, but the parity that covers it is not: the page is the difference between the
     * parity and all other blocks of the stripe, logged or on the members. Nothing is lost.
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
     * @param parityIntact the newest parity is there and good
     * @param damaged of how many slots the newest page is damaged
     */
    static ReplayCase of(boolean settledData, boolean pendingData, boolean parityIntact, int damaged) {
        if (!settledData && !pendingData) {
            return NOTHING;
        }
        if (!pendingData && parityIntact && damaged <= 1) {
            return damaged == 0 ? AS_LOGGED : SOLVE_PAGE;
        }
        return damaged == 0 ? MAKE_PARITY : LOSE_PAGES;
    }
}
