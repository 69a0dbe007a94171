package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.ScannedGap;
import java.util.ArrayList;
import java.util.List;

/**
 * What a replay did.
 *
 * @param asLogged stripes that were written as logged
 * @param parityMade stripes whose parity had to be made
 * @param lostArraySectors blocks (8 sectors each, from these array sectors on) whose logged content is lost
 * @param doubtfulArraySectors blocks of missing members that can't be told for certain
 * @param gaps parts of the log that can't be read
 * @param tornEnd whether the log ends in a block that was cut short, as a power failure leaves it
 */
public record ReplayReport(
        long asLogged,
        long parityMade,
        List<Long> lostArraySectors,
        List<Long> doubtfulArraySectors,
        List<ScannedGap> gaps,
        boolean tornEnd) {
    /** So many places are named one by one; the rest is counted. */
    private static final int MOST_PLACES = 16;

    /** Nothing was replayed. */
    static ReplayReport nothing() {
        return new ReplayReport(0, 0, List.of(), List.of(), List.of(), false);
    }

    /** Stripes that were written. */
    public long stripes() {
        return asLogged + parityMade;
    }

    /** What the user should know, a line each; nothing where there was nothing to replay. */
    public List<String> inWords() {
        List<String> lines = new ArrayList<>();
        if (stripes() > 0) {
            lines.add("journal replayed: " + stripes() + " stripes (" + asLogged + " as logged, " + parityMade
                    + " with parity made anew)");
        }
        if (tornEnd) {
            lines.add("the journal's last block is incomplete: it was being written when power failed, and was never"
                    + " acknowledged, or it is damaged; what is good of it counts");
        }
        for (ScannedGap gap : gaps) {
            lines.add("LOST: the journal's block at its sector " + gap.lost().sector() + " can't be read, up to sector "
                    + gap.resumed().sector() + ": cut short by a power failure, or damaged; where in the volume its"
                    + " content belonged is not known, what was logged later has been replayed, and all parity is made"
                    + " anew");
        }
        addPlaces(
                lines,
                lostArraySectors,
                "LOST: a damaged journal page held the newest 4096 bytes at volume offset %d; older"
                        + " bytes stand there now");
        addPlaces(
                lines,
                doubtfulArraySectors,
                "DOUBT: a damaged journal page leaves it open what a missing member, or a bad block,"
                        + " held in the 4096 bytes at volume offset %d");
        return lines;
    }

    private static void addPlaces(List<String> lines, List<Long> arraySectors, String words) {
        arraySectors.stream().limit(MOST_PLACES).forEach(sector -> lines.add(words.formatted(Sectors.toBytes(sector))));
        if (arraySectors.size() > MOST_PLACES) {
            lines.add("... and so at " + (arraySectors.size() - MOST_PLACES) + " other places");
        }
    }
}
