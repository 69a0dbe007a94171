package io.mdfuse.raid.recovery;

import java.util.List;

/**
 * What a replay did.
 *
 * @param asLogged stripes whose data and parity were written as logged
 * @param solved stripes with one damaged page that was solved from its parity
 * @param parityMade stripes whose parity had to be made from their data
 * @param lostArraySectors blocks (8 sectors each, from these array sectors on) whose logged content is lost
 * @param tornEnd whether the log ends in a block that was cut short, as a power failure leaves it
 */
public record ReplayReport(
        long asLogged, long solved, long parityMade, List<Long> lostArraySectors, boolean tornEnd) {
    /** Stripes that were written. */
    public long stripes() {
        return asLogged + solved + parityMade;
    }
}
