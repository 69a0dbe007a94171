package io.mdfuse.journal;

import io.mdfuse.device.Sectors;

/**
 * How much of the ring is taken: from the tail, which is on disk, up to where the next block goes. Guarded by the
 * journal's lock.
 *
 * <p>The count is kept beside the positions, since a full ring and an empty one have the same distance between them.
 *
 * <p>md's rule is that an append leaves at least one block free. Here it leaves two: one is kept back for an empty meta
 * block. The tail always stands on a block, and that block's pages are in use with it; where the newest block has many,
 * only an empty one behind it lets the tail leave it. Without the block kept back, a log whose every append is released
 * could still lack the room for the next, forever.
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

    /** Whether an append can have so much, the block kept back not counted. */
    boolean hasSpaceFor(long sectors) {
        return area.sizeSectors() > usedSectors + sectors + Sectors.PER_BLOCK;
    }

    /** The most that {@link #hasSpaceFor} grants where only the empty block at the tail is in use. */
    long largestAppendSectors() {
        return area.sizeSectors() - 3L * Sectors.PER_BLOCK;
    }

    /** Takes what an append needs, or the block kept back. */
    void allocate(long sectors) {
        if (area.sizeSectors() <= usedSectors + sectors) {
            throw new IllegalStateException(sectors + " sectors taken of a log with " + freeSectors() + " free");
        }
        usedSectors += sectors;
    }

    /**
     * The sectors between the tail and a block; none where the tail has passed the block, which its sequence tells.
     * Only a difference of two sequences says which is newer, since they may wrap.
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
