package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;

/**
 * The log's other end: which appends still need it, and how space comes back. It lives apart from {@link Journal}
 * because it alone speaks to the {@link TailStore}, and holds the order of trust: members flushed (by the owner), tail
 * stored, range trimmed, space free.
 */
final class LogTail {
    private final LogArea area;
    private final TailStore tailStore;
    private final GroupCommit commits;
    private final LogSpace space;
    private final TicketQueue unreleased = new TicketQueue();

    /** One reclaim at a time. Taken before the journal's lock, which is not held while the tail is stored. */
    private final RankedLock reclaiming = new RankedLock(LockRank.LOG_TAIL);

    LogTail(LogArea area, TailStore tailStore, GroupCommit commits, LogSpace space) {
        this.area = area;
        this.tailStore = tailStore;
        this.commits = commits;
        this.space = space;
    }

    /** With the journal's lock held. */
    boolean hasSpaceFor(long sectors) {
        return space.hasSpaceFor(sectors);
    }

    /** An append has taken so much of the log. With the journal's lock held. */
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

    /** Where the tail is. With the journal's lock held. */
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

    /** The newest durable meta block that no append not released lies before. With the journal's lock held. */
    LogPosition checkpoint() {
        LogTicket oldest = unreleased.oldest();
        return oldest != null && commits.isFlushed(oldest) ? oldest.firstMetaBlock() : commits.newestFlushed();
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

    /** How many sectors lie before the new tail; none where the tail has passed it already. */
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
            // The range is about to be overwritten anyway: what it reads as until then interests nobody.
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
