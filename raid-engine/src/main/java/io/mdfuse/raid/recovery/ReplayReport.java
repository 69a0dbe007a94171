package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.ScannedGap;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a replay.
 *
 * @param asLogged stripes that were written as logged
 * @param parityMade stripes whose parity was made by the replay
 * @param lostArraySectors blocks (8 sectors each, from these array sectors on) whose logged content is lost
 * @param doubtfulArraySectors blocks of missing members, or bad blocks, whose solved content may be wrong
 * @param gaps the unreadable parts of the log
 * @param tornEnd whether the last block of the log is incomplete, as after a power failure
 */
public record ReplayReport(
        long asLogged,
        long parityMade,
        List<Long> lostArraySectors,
        List<Long> doubtfulArraySectors,
        List<ScannedGap> gaps,
        boolean tornEnd) {
    /** The most blocks that are listed one by one; the others are counted. */
    private static final int MOST_LISTED = 16;

    /** The report of a recovery that replayed nothing. */
    static ReplayReport nothing() {
        return new ReplayReport(0, 0, List.of(), List.of(), List.of(), false);
    }

    /** The number of stripes written. */
    public long stripes() {
        return asLogged + parityMade;
    }

    /** Messages for the user, a line each; empty if there was nothing to replay. */
    public List<String> messages() {
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
        addBlocks(
                lines,
                lostArraySectors,
                "LOST: a damaged journal page held the newest 4096 bytes at volume offset %d; older"
                        + " bytes stand there now");
        addBlocks(
                lines,
                doubtfulArraySectors,
                "DOUBT: a damaged journal page leaves it open what a missing member, or a bad block,"
                        + " held in the 4096 bytes at volume offset %d");
        return lines;
    }

    private static void addBlocks(List<String> lines, List<Long> arraySectors, String words) {
        arraySectors.stream().limit(MOST_LISTED).forEach(sector -> lines.add(words.formatted(Sectors.toBytes(sector))));
        if (arraySectors.size() > MOST_LISTED) {
            lines.add("... and so at " + (arraySectors.size() - MOST_LISTED) + " other places");
        }
    }
}
