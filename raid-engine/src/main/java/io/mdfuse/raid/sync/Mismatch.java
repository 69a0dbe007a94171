package io.mdfuse.raid.sync;

/**
 * Consecutive stripes of one chunk row that have the same verdict.
 *
 * @param stripeSector the member sector of the first stripe
 * @param endStripeSector the member sector behind the last stripe
 * @param repaired whether data and parity fit now, because the scrub or a request rewrote a block
 */
public record Mismatch(long stripeSector, long endStripeSector, StripeVerdict verdict, boolean repaired) {
    /** The number of sectors of each member, the unit of md's mismatch_cnt. */
    public long sectors() {
        return endStripeSector - stripeSector;
    }

    Mismatch asRepaired() {
        return new Mismatch(stripeSector, endStripeSector, verdict, true);
    }

    boolean continuesIn(Mismatch next) {
        return endStripeSector == next.stripeSector && verdict.equals(next.verdict) && repaired == next.repaired;
    }
}
