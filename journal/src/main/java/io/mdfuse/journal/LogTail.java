package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;

/**
 * The tail of the log: which appends are not released, and how log space is freed. It is separate from {@link Journal}
 * because it alone calls the {@link TailStore} and keeps the order on which recovery depends: members flushed (by the
 * caller), tail stored, range trimmed, space freed.
 */
final class LogTail {
    private final LogArea area;
    private final TailStore tailStore;
    private final GroupCommit commits;
    private final LogSpace space;
    private final TicketQueue unreleased = new TicketQueue();

    /** One reclaim at a time. Acquired before the journal's lock, which is not held while the tail is stored. */
    private final RankedLock reclaiming = new RankedLock(LockRank.LOG_TAIL);

    LogTail(LogArea area, TailStore tailStore, GroupCommit commits, LogSpace space) {
        this.area = area;
        this.tailStore = tailStore;
        this.commits = commits;
        this.space = space;
    }

    /** See {@link LogSpace#hasSpaceFor}. With the journal's lock held. */
    boolean hasSpaceFor(long sectors) {
        return space.hasSpaceFor(sectors);
    }

    /** Records an append that occupies {@code sectors} of the log. With the journal's lock held. */
    void allocate(LogTicket ticket, long sectors) {
        space.allocate(sectors);
        unreleased.add(ticket);
    }

    /** See {@link Journal#release}. */
    void release(LogTicket ticket) {
        commits.lock();
        try {
            unreleased.remove(ticket);
        } finally {
            commits.unlock();
        }
    }

    long usedSectors() {
        commits.lock();
        try {
            return space.usedSectors();
        } finally {
            commits.unlock();
        }
    }

    /** The position of the tail. With the journal's lock held. */
    long sector() {
        return space.tailSector();
    }

    /** See {@link Journal#reclaimableSectors}. */
    long reclaimableSectors(LogPosition position) {
        commits.lock();
        try {
            return space.sectorsBefore(position);
        } finally {
            commits.unlock();
        }
    }

    /** Whether all appends are released. With the journal's lock held. */
    boolean allReleased() {
        return unreleased.oldest() == null;
    }

    /**
     * The first meta block of the oldest append not released if that append is durable, else the newest durable meta
     * block. With the journal's lock held.
     */
    LogPosition checkpoint() {
        LogTicket oldest = unreleased.oldest();
        return oldest != null && commits.isFlushed(oldest) ? oldest.firstMetaBlock() : commits.newestFlushed();
    }

    /** See {@link Journal#status}. */
    JournalStatus status() {
        commits.lock();
        try {
            return new JournalStatus(
                    area.sizeSectors(),
                    space.usedSectors(),
                    space.tailSector(),
                    checkpoint().sector(),
                    area.add(space.tailSector(), space.usedSectors()),
                    commits.writtenSectors(),
                    commits.flushes());
        } finally {
            commits.unlock();
        }
    }

    /** See {@link Journal#reclaimTo}. */
    void reclaimTo(LogPosition newTail) throws IOException {
        reclaiming.lock();
        try {
            long freedSectors = requireReclaimable(newTail);
            if (freedSectors > 0) {
                long oldTailSector = space.tailSector();
                tailStore.storeTail(newTail.sector());
                trim(oldTailSector, freedSectors);
                free(newTail);
            }
        } finally {
            reclaiming.unlock();
        }
    }

    /** How many sectors would be freed; 0 if the tail has reached or passed {@code newTail}. */
    private long requireReclaimable(LogPosition newTail) throws JournalFailedException {
        commits.lock();
        try {
            commits.requireNotFailed();
            if (!area.isBlockSector(newTail.sector())
                    || newTail.sequence() - commits.newestFlushed().sequence() > 0) {
                throw new IllegalArgumentException("the tail cannot move to " + newTail + ", which is not committed");
            }
            return space.sectorsBefore(newTail);
        } finally {
            commits.unlock();
        }
    }

    private void trim(long sector, long sectors) {
        try {
            area.trim(sector, sectors);
        } catch (DeviceException e) {
            // The range will be overwritten by new blocks anyway, and its content is not read before that.
        }
    }

    private void free(LogPosition newTail) {
        commits.lock();
        try {
            space.moveTail(newTail);
        } finally {
            commits.unlock();
        }
    }
}
