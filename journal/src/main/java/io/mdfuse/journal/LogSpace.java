package io.mdfuse.journal;

import io.mdfuse.device.Sectors;

/**
 * How much of the ring is in use: from the durable tail to the position of the next block. Guarded by the journal's
 * lock.
 *
 * <p>The number of used sectors is stored, not computed from the two positions, since these are equal for a full ring
 * and for an empty one.
 *
 * <p>md's rule is that an append leaves at least one block free. Here an append leaves two: one of them is reserved for
 * an empty meta block. The tail always names a meta block, and the pages of that block are in use as long as it does.
 * If the newest block has many pages, the tail can move past them only to an empty block behind it. Without a block
 * reserved for that, a log whose every append is released could lack the space for the next append forever.
 */
final class LogSpace {
    private final LogArea area;
    private LogPosition tail;
    private long usedSectors;

    LogSpace(LogArea area, LogPosition tail, long usedSectors) {
        this.area = area;
        this.tail = tail;
        this.usedSectors = usedSectors;
    }

    /** Whether an append may use this many sectors; the reserved block is not available to it. */
    boolean hasSpaceFor(long sectors) {
        return area.sizeSectors() > usedSectors + sectors + Sectors.PER_BLOCK;
    }

    /** The largest append, in sectors, for which {@link #hasSpaceFor} is true if only one block is in use. */
    long largestAppendSectors() {
        return area.sizeSectors() - 3L * Sectors.PER_BLOCK;
    }

    /** Counts the space of an append, or the reserved block, as used. */
    void allocate(long sectors) {
        if (area.sizeSectors() <= usedSectors + sectors) {
            throw new IllegalStateException(sectors + " sectors appended to a log with " + freeSectors() + " free");
        }
        usedSectors += sectors;
    }

    /**
     * The sectors between the tail and a meta block; 0 if the tail has reached or passed the block, by its sequence.
     * Sequences may wrap, so only their difference says which block is newer.
     */
    long sectorsBefore(LogPosition position) {
        return position.sequence() - tail.sequence() <= 0 ? 0 : area.distance(tail.sector(), position.sector());
    }

    void moveTail(LogPosition newTail) {
        usedSectors -= sectorsBefore(newTail);
        tail = newTail;
    }

    long tailSector() {
        return tail.sector();
    }

    long usedSectors() {
        return usedSectors;
    }

    long freeSectors() {
        return area.sizeSectors() - usedSectors;
    }
}
