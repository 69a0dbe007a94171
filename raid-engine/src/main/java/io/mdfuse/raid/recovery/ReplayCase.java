package io.mdfuse.raid.recovery;

/**
 * The decision table of the replay: what is done with a stripe, by what the log holds of it.
 *
 * <pre>
 *   settled data   known?   pending data   case
 *   none           -        none           NOTHING
 *   none           -        some           PENDING
 *   some           yes      none           SETTLED
 *   some           yes      some           SETTLED_THEN_PENDING
 *   some           no       any            DOUBTFUL
 * </pre>
 *
 * The stripe as its newest logged parity covers it is <b>known</b> where its slots that are lost can be solved from the
 * rest: a data or parity page that is damaged is lost, and so is a slot that the log does not hold and no member can
 * give.
 *
 * <p>Each case may be done again from the start when a crash cuts it short. What is settled and known is read from the
 * log, and from slots that are not written meanwhile. What is not is written only after the log holds the parity (and,
 * in doubt, the data) that was decided on: from then on it is settled and known.
 */
enum ReplayCase {
    /** Parity alone: its data was on the members, flushed, before the tail passed it. Nothing to do. */
    NOTHING,
    /** Data and the parity that covers it: written as logged, with what is damaged solved. */
    SETTLED,
    /**
     * Data that was cached and not written out: members and old parity belong together still. Parity is made as for any
     * other write, logged, and written with the data.
     */
    PENDING,
    /** First the one, which brings the members to where the other can begin, then the other. */
    SETTLED_THEN_PENDING,
    /**
     * More is damaged or missing than can be solved. What an older whole parity covers is brought to the members first,
     * if the log has that. Then the good pages are written, of a damaged one an older good page if the log has one,
     * else it stays as the member has it. That loss is said, and so is the doubt about blocks whose member is missing:
     * only the older parity tells of them. It fits where power tore the newest batch apart, and may not where the batch
     * was damaged later.
     */
    DOUBTFUL;

    /**
     * Finds the one row of the table that holds.
     *
     * @param settled data that a logged parity covers
     * @param known whether the stripe as that parity covers it can be told
     * @param pending data after the last logged parity
     */
    static ReplayCase of(boolean settled, boolean known, boolean pending) {
        if (!settled) {
            return pending ? PENDING : NOTHING;
        }
        if (!known) {
            return DOUBTFUL;
        }
        return pending ? SETTLED_THEN_PENDING : SETTLED;
    }
}
