package io.mdfuse.journal;

import io.mdfuse.device.Sectors;

/**
 * How much of the ring is taken: from the tail, which is on disk, up to where the next block goes. Guarded by the
 * journal's lock.
 *
 * <p>The count is kept beside the positions, since a full ring and an empty one have the same distance between them.
 * md's rule is kept too: an append leaves at least one block free.
 */
final class LogSpace {
    private final LogArea area;
    private long tailSector;
    private long usedSectors;

    LogSpace(LogArea area, long tailSector, long usedSectors) {
        this.area = area;
        this.tailSector = tailSector;
        this.usedSectors = usedSectors;
    }

    boolean hasRoomFor(long sectors) {
        return area.sizeSectors() > usedSectors + sectors;
    }

    /** The most that {@link #hasRoomFor} can ever grant: the block at the tail is always there. */
    long largestAppendSectors() {
        return area.sizeSectors() - 2L * Sectors.PER_BLOCK;
    }

    void take(long sectors) {
        if (!hasRoomFor(sectors)) {
            throw new IllegalStateException(sectors + " sectors taken of a log with " + freeSectors() + " free");
        }
        usedSectors += sectors;
    }

    void moveTail(long newTailSector) {
        usedSectors -= area.distance(tailSector, newTailSector);
        tailSector = newTailSector;
    }

    long tailSector() {
        return tailSector;
    }

    long usedSectors() {
        return usedSectors;
    }

    long freeSectors() {
        return area.sizeSectors() - usedSectors;
    }
}
