package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The cached stripes by sector, and the order in which they are written out. Not thread-safe: the {@link StripeCache}
 * guards it.
 */
final class CachedStripes {
    private final ArrayGeometry geometry;
    /** In the order in which they were first cached, which is the order of their log space. */
    private final LinkedHashMap<Long, CachedStripe> stripes = new LinkedHashMap<>();
    /** Those with every data block, by sector, so that they are written in one sweep over the members. */
    private final TreeSet<Long> fullStripes = new TreeSet<>();

    private long sweptTo;

    CachedStripes(ArrayGeometry geometry) {
        this.geometry = geometry;
    }

    int size() {
        return stripes.size();
    }

    int fullCount() {
        return fullStripes.size();
    }

    boolean contains(long stripeSector) {
        return stripes.containsKey(stripeSector);
    }

    @Nullable
    CachedStripe get(long stripeSector) {
        return stripes.get(stripeSector);
    }

    void add(CachedStripe stripe) {
        stripes.put(stripe.stripeSector(), stripe);
    }

    /** The stripe has got its last data block. */
    void noteFull(long stripeSector) {
        fullStripes.add(stripeSector);
    }

    @Nullable
    CachedStripe remove(long stripeSector) {
        fullStripes.remove(stripeSector);
        return stripes.remove(stripeSector);
    }

    /** As {@link StripeCache#oldest}. */
    List<Long> oldest(int most) {
        LinkedHashSet<Long> chosen = new LinkedHashSet<>();
        for (CachedStripe stripe : stripes.values()) {
            if (chosen.size() >= most) {
                break;
            }
            if (!stripe.isWritingOut() && !chosen.contains(stripe.stripeSector())) {
                addWithNeighbours(stripe.stripeSector(), most, chosen);
            }
        }
        return List.copyOf(chosen);
    }

    private void addWithNeighbours(long stripeSector, int most, Set<Long> chosen) {
        long row = geometry.rowOfStripe(stripeSector);
        long endOfRow = (row + 1) * geometry.chunkSectors();
        for (long at = stripeSector; at < endOfRow && isWaiting(at); at += Sectors.PER_BLOCK) {
            if (chosen.size() >= most || !chosen.add(at)) {
                break;
            }
        }
        long startOfRow = row * geometry.chunkSectors();
        for (long at = stripeSector - Sectors.PER_BLOCK;
                at >= startOfRow && isWaiting(at) && chosen.size() < most && chosen.add(at);
                at -= Sectors.PER_BLOCK) {}
    }

    /** As {@link StripeCache#full}. */
    List<Long> full(int most) {
        List<Long> chosen = new ArrayList<>();
        addNotWritingOut(fullStripes.tailSet(sweptTo), most, chosen);
        addNotWritingOut(fullStripes.headSet(sweptTo), most, chosen);
        sweptTo = chosen.isEmpty() ? sweptTo : chosen.getLast() + Sectors.PER_BLOCK;
        return chosen;
    }

    private void addNotWritingOut(Set<Long> some, int most, List<Long> chosen) {
        for (Long stripeSector : some) {
            if (chosen.size() >= most) {
                break;
            }
            if (isWaiting(stripeSector)) {
                chosen.add(stripeSector);
            }
        }
    }

    /** True if the stripe is cached and no batch of write-out has it. */
    private boolean isWaiting(long stripeSector) {
        CachedStripe stripe = stripes.get(stripeSector);
        return stripe != null && !stripe.isWritingOut();
    }

    /** The end of the stripes from {@code first} on that have the same data slots cached, at most {@code endSector}. */
    long endOfSameSlots(CachedStripe first, long endSector) {
        long end = first.stripeSector() + Sectors.PER_BLOCK;
        for (CachedStripe next = stripes.get(end);
                end < endSector && next != null && next.hasSameSlots(first);
                next = stripes.get(end)) {
            end += Sectors.PER_BLOCK;
        }
        return end;
    }
}
