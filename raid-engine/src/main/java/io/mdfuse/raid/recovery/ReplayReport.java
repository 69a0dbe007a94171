package io.mdfuse.raid.recovery;

import java.util.ArrayList;
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
public record ReplayReport(long asLogged, long solved, long parityMade, List<Long> lostArraySectors, boolean tornEnd) {
    /** Stripes that were written. */
    public long stripes() {
        return asLogged + solved + parityMade;
    }

    /** What the user should know, a line each; nothing where there was nothing to replay. */
    public List<String> inWords() {
        List<String> lines = new ArrayList<>();
        if (stripes() > 0) {
            lines.add("journal replayed: " + stripes() + " stripes (" + asLogged + " as logged, " + parityMade
                    + " with parity made anew, " + solved + " with a damaged page solved)");
        }
        if (tornEnd) {
            lines.add("the journal ends in a write that was cut short; it was never acknowledged and is left out");
        }
        for (long arraySector : lostArraySectors) {
            lines.add("LOST: a damaged journal page held the newest 4096 bytes at volume offset " + arraySector * 512
                    + "; older bytes stand there now");
        }
        return lines;
    }
}
