package io.mdfuse.raid.recovery;

/**
 * The decision table of the replay: what is done with a stripe, depending on its records in the log.
 *
 * <pre>
 *   covered data   known?   uncovered data   case
 *   none           -        none             NOTHING
 *   none           -        some             DATA_ONLY
 *   some           yes      none             DATA_PARITY
 *   some           yes      some             DATA_PARITY_THEN_DATA_ONLY
 *   some           no       any              DOUBTFUL
 * </pre>
 *
 * <b>Covered</b> data is logged data that a later logged parity covers; <b>uncovered</b> data was logged after the
 * newest parity of the stripe. The stripe as its newest logged parity covers it is <b>known</b> if its lost slots can
 * be solved from the others. A slot is lost if its data or parity page is damaged, or if it has no page and no member
 * can give its block.
 *
 * <p>Each case may be repeated from the start if a crash interrupts it. Covered and known data is read from the log,
 * and from slots that are not written meanwhile. Any other data is written only after the log has the parity (and, in
 * doubt, the data) that was decided on: from then on it is covered and known.
 */
public enum ReplayCase {
    /** Parity alone: its data was flushed on the members before the tail passed it. Nothing to do. */
    NOTHING,
    /** Data and the parity that covers it: written as logged; damaged pages are solved. */
    DATA_PARITY,
    /**
     * Data that was cached and not written out: the members' data and parity still belong together. Parity is made as
     * for any other write, logged, and written with the data.
     */
    DATA_ONLY,
    /** First as DATA_PARITY, after which data and parity on the members belong together, then as DATA_ONLY. */
    DATA_PARITY_THEN_DATA_ONLY,
    /**
     * More is damaged or missing than can be solved. First, data that an older undamaged parity covers is written to
     * the members, if the log has it. Then the good pages are written; a damaged page is replaced by an older good page
     * if the log has one, else the member keeps its block. The loss is reported, and so is the doubt about blocks whose
     * member is missing: only the older parity can give them. That parity fits if a power failure tore the newest
     * batch, and may not fit if the batch was damaged later.
     */
    DOUBTFUL;

    /**
     * The row of the table that applies.
     *
     * @param covered whether there is data that a logged parity covers
     * @param known whether the stripe as that parity covers it can be determined
     * @param uncovered whether there is data after the last logged parity
     */
    static ReplayCase of(boolean covered, boolean known, boolean uncovered) {
        if (!covered) {
            return uncovered ? DATA_ONLY : NOTHING;
        }
        if (!known) {
            return DOUBTFUL;
        }
        return uncovered ? DATA_PARITY_THEN_DATA_ONLY : DATA_PARITY;
    }
}
