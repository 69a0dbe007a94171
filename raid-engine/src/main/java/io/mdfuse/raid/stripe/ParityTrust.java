package io.mdfuse.raid.stripe;

/**
 * What is known of the parity of some stripes. It decides how a write makes their new parity ({@link WritePlan}) and
 * whether lost blocks may be solved.
 *
 * <pre>
 *                 old parity may be used          lost blocks may be solved
 *   CORRECT       yes                             yes
 *   NEVER_MADE    no: where nothing was written   yes: a block that was written has parity since then, and one that
 *                 it is whatever lay there        was not has no content to lose
 *   IN_DOUBT      no                              no, but for those written since the crash
 * </pre>
 */
enum ParityTrust {
    /** Parity matches the data. */
    CORRECT,
    /**
     * Only with a lockless bitmap: in each of these stripes parity matches the data, or neither was ever written. A
     * write makes parity from all data.
     */
    NEVER_MADE,
    /** A crash or an interrupted resync may have left parity that does not match. */
    IN_DOUBT
}
