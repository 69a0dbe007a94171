package io.mdfuse.raid.sync;

import java.util.ArrayList;
import java.util.List;

/** What a scrub has found so far: all of it counted, the first places kept. */
public final class ScrubFindings {
    /** Enough to see a pattern, few enough for one extended attribute. */
    public static final int MOST_PLACES = 200;

    private final int chunkSectors;
    private final List<Mismatch> places = new ArrayList<>();
    private long mismatchSectors;
    private long unrepairedSectors;
    private long unreadableSectors;
    private long blockSectors;
    private long paritySectors;
    private boolean repairs;
    private boolean morePlaces;

    ScrubFindings(int chunkSectors) {
        this.chunkSectors = chunkSectors;
    }

    /** @param repairing whether the pass that begins is to repair what does not fit */
    synchronized void clear(boolean repairing) {
        repairs = repairing;
        blockSectors = 0;
        paritySectors = 0;
        places.clear();
        mismatchSectors = 0;
        unrepairedSectors = 0;
        unreadableSectors = 0;
        morePlaces = false;
    }

    synchronized void add(Mismatch found) {
        if (found.verdict().isMismatch()) {
            mismatchSectors += found.sectors();
            if (!found.repaired()) {
                unrepairedSectors += found.sectors();
            } else if (found.verdict().kind() == StripeVerdict.Kind.LIES) {
                blockSectors += found.sectors();
            } else {
                paritySectors += found.sectors();
            }
        } else {
            unreadableSectors += found.sectors();
        }
        boolean rowBegins = found.stripeSector() % chunkSectors == 0;
        if (!places.isEmpty() && !morePlaces && !rowBegins && places.getLast().goesOnIn(found)) {
            Mismatch first = places.removeLast();
            places.add(new Mismatch(first.stripeSector(), found.endStripeSector(), found.verdict(), found.repaired()));
        } else if (places.size() < MOST_PLACES) {
            places.add(found);
        } else {
            morePlaces = true;
        }
    }

    /** Sectors of stripes that did not fit, repaired or not: md's mismatch_cnt. */
    public synchronized long mismatchSectors() {
        return mismatchSectors;
    }

    /** Sectors of those that still don't. */
    public synchronized long unrepairedSectors() {
        return unrepairedSectors;
    }

    /** Sectors of stripes that could not be compared, because too much of them can't be read. */
    public synchronized long unreadableSectors() {
        return unreadableSectors;
    }

    /**
     * What was done about what does not fit, as the rest of a sentence that says how much that is, such as {@code , all
     * repaired: 8 sectors by rewriting the block that is wrong}; empty if nothing was found or nothing was to be
     * repaired.
     */
    public synchronized String repairText() {
        if (!repairs || mismatchSectors == 0) {
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

    /** The first places, at most {@link #MOST_PLACES}. */
    public synchronized List<Mismatch> places() {
        return List.copyOf(places);
    }

    /** True where there are more than {@link #places} tells. */
    public synchronized boolean hasMorePlaces() {
        return morePlaces;
    }
}
