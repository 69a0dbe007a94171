package io.mdfuse.raid.superblock;

import java.util.Set;
import java.util.TreeSet;

/**
 * What all superblocks of an array say alike and what changes while it is open. The event count is not here: the
 * store counts, once for each write.
 *
 * @param resyncOffsetSectors {@link Superblock#IN_SYNC}, 0 (dirty), or how far a resync has come
 * @param journalTailSector where recovery starts; stored on the journal device only
 * @param features the bits of {@link Features} that all devices share; the bits of one device are kept beside
 * @param faultySlots slots whose member has failed, and {@link Roles#JOURNAL} where that has; they are not written any more
 */
public record ArrayState(long resyncOffsetSectors, long journalTailSector, int features, Set<Integer> faultySlots) {

    public ArrayState {
        faultySlots = Set.copyOf(faultySlots);
    }

    public ArrayState withResyncOffset(long sectors) {
        return new ArrayState(sectors, journalTailSector, features, faultySlots);
    }

    public ArrayState withJournalTail(long sector) {
        return new ArrayState(resyncOffsetSectors, sector, features, faultySlots);
    }

    /** Sets bits of the shared feature map. */
    public ArrayState withFeatures(int bits) {
        return new ArrayState(resyncOffsetSectors, journalTailSector, features | bits, faultySlots);
    }

    /** Clears bits of the shared feature map. */
    public ArrayState withoutFeatures(int bits) {
        return new ArrayState(resyncOffsetSectors, journalTailSector, features & ~bits, faultySlots);
    }

    /** Adds a failed slot; one that has failed stays so. */
    public ArrayState withFaulty(int slot) {
        Set<Integer> more = new TreeSet<>(faultySlots);
        more.add(slot);
        return new ArrayState(resyncOffsetSectors, journalTailSector, features, more);
    }
}
