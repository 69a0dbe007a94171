package io.mdfuse.raid.sync;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.ArrayList;
import java.util.List;

/** The findings of a scrub so far: all mismatches are counted, the first ones are listed. */
public final class ScrubFindings {
    /** The most mismatches that are listed: enough to see a pattern, few enough for one extended attribute. */
    public static final int MOST_LISTED = 200;

    private final RankedLock lock = new RankedLock(LockRank.SCRUB_FINDINGS);
    private final int chunkSectors;
    private final List<Mismatch> mismatches = new ArrayList<>();
    private long mismatchSectors;
    private long unrepairedSectors;
    private long unreadableSectors;
    private long blockSectors;
    private long paritySectors;
    private ScrubAction action = ScrubAction.CHECK;
    private boolean moreMismatches;

    ScrubFindings(int chunkSectors) {
        this.chunkSectors = chunkSectors;
    }

    /** @param begins what the pass that begins does with mismatches */
    void clear(ScrubAction begins) {
        try (RankedLock.Held _ = lock.acquire()) {
            action = begins;
            blockSectors = 0;
            paritySectors = 0;
            mismatches.clear();
            mismatchSectors = 0;
            unrepairedSectors = 0;
            unreadableSectors = 0;
            moreMismatches = false;
        }
    }

    void add(Mismatch found) {
        try (RankedLock.Held _ = lock.acquire()) {
            if (found.verdict().isMismatch()) {
                mismatchSectors += found.sectors();
                if (!found.repaired()) {
                    unrepairedSectors += found.sectors();
                } else if (found.verdict().kind() == StripeVerdict.Kind.LIES && action != ScrubAction.PARITY_REPAIR) {
                    blockSectors += found.sectors();
                } else {
                    paritySectors += found.sectors();
                }
            } else {
                unreadableSectors += found.sectors();
            }
            boolean rowBegins = found.stripeSector() % chunkSectors == 0;
            if (!mismatches.isEmpty()
                    && !moreMismatches
                    && !rowBegins
                    && mismatches.getLast().continuesIn(found)) {
                Mismatch first = mismatches.removeLast();
                mismatches.add(
                        new Mismatch(first.stripeSector(), found.endStripeSector(), found.verdict(), found.repaired()));
            } else if (mismatches.size() < MOST_LISTED) {
                mismatches.add(found);
            } else {
                moreMismatches = true;
            }
        }
    }

    /** Sectors of each member in stripes that did not fit, repaired or not: md's mismatch_cnt. */
    public long mismatchSectors() {
        try (RankedLock.Held _ = lock.acquire()) {
            return mismatchSectors;
        }
    }

    /** Sectors of each member in stripes that still do not fit. */
    public long unrepairedSectors() {
        try (RankedLock.Held _ = lock.acquire()) {
            return unrepairedSectors;
        }
    }

    /** Sectors of each member in stripes that could not be compared, because too many blocks can't be read. */
    public long unreadableSectors() {
        try (RankedLock.Held _ = lock.acquire()) {
            return unreadableSectors;
        }
    }

    /**
     * How mismatches were repaired, as the end of a sentence that gives their number, such as {@code , all repaired: 8
     * sectors by rewriting the block that is wrong}; empty if there were none or the pass only checks.
     */
    public String repairText() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (!action.repairs() || mismatchSectors == 0) {
                return "";
            }
            List<String> how = new ArrayList<>();
            if (blockSectors > 0) {
                how.add(blockSectors + " sectors by rewriting the block that is wrong");
            }
            if (paritySectors > 0) {
                how.add(paritySectors + " sectors by making parity from the data");
            }
            String repaired = unrepairedSectors == 0
                    ? ", all repaired: "
                    : blockSectors + paritySectors == 0 ? ", none repaired" : ", repaired: ";
            return repaired
                    + String.join(", ", how)
                    + (unrepairedSectors == 0 ? "" : "; not repaired: " + unrepairedSectors + " sectors");
        }
    }

    /** The first mismatches, in ascending order, at most {@link #MOST_LISTED}. */
    public List<Mismatch> mismatches() {
        try (RankedLock.Held _ = lock.acquire()) {
            return List.copyOf(mismatches);
        }
    }

    /** True if more mismatches were found than {@link #mismatches} lists. */
    public boolean hasMoreMismatches() {
        try (RankedLock.Held _ = lock.acquire()) {
            return moreMismatches;
        }
    }
}
