package io.mdfuse.raid.sync;

/**
 * Neighbouring stripes of one chunk row of which the same is to be said.
 *
 * @param stripeSector the first stripe
 * @param endStripeSector behind the last
 * @param repaired whether they fit now
 */
public record Mismatch(long stripeSector, long endStripeSector, StripeVerdict verdict, boolean repaired) {
    /** How many sectors of each member, as md's mismatch_cnt counts them. */
    public long sectors() {
        return endStripeSector - stripeSector;
    }

    Mismatch asRepaired() {
        return new Mismatch(stripeSector, endStripeSector, verdict, true);
    }

    boolean goesOnIn(Mismatch next) {
        return endStripeSector == next.stripeSector && verdict.equals(next.verdict) && repaired == next.repaired;
    }
}
