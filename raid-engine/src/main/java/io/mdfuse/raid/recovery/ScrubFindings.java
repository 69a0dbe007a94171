package io.mdfuse.raid.recovery;

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
    private boolean morePlaces;

    ScrubFindings(int chunkSectors) {
        this.chunkSectors = chunkSectors;
    }

    synchronized void clear() {
        places.clear();
        mismatchSectors = 0;
        unrepairedSectors = 0;
        unreadableSectors = 0;
        morePlaces = false;
    }

    synchronized void add(Mismatch found) {
        if (found.verdict().isMismatch()) {
            mismatchSectors += found.sectors();
            unrepairedSectors += found.repaired() ? 0 : found.sectors();
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

    /** The first places, at most {@link #MOST_PLACES}. */
    public synchronized List<Mismatch> places() {
        return List.copyOf(places);
    }

    /** True where there are more than {@link #places} tells. */
    public synchronized boolean hasMorePlaces() {
        return morePlaces;
    }
}
