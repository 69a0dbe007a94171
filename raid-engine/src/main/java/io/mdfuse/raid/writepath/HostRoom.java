package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The room that a journaled array has: in its log, and on the hosts that its images lie on. It is asked for before
 * anything is logged, and what its lack means for the log is said here.
 */
final class HostRoom implements CacheAdmission.Log {
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final Journal journal;
    private final Reclaimer reclaimer;
    /** Why the last cycle could neither write out nor reclaim; null if it could, or failed for another reason. */
    private volatile @Nullable NoSpaceException cycleLackedRoom;

    HostRoom(MemberSet members, MemberWriter memberWriter, Journal journal, Reclaimer reclaimer) {
        this.members = members;
        this.memberWriter = memberWriter;
        this.journal = journal;
        this.reclaimer = reclaimer;
    }

    @Override
    public long freeSectors() {
        return journal.freeSectors();
    }

    @Override
    public boolean takesNoMore() {
        return reclaimer.takesNoMore() || members.isBroken();
    }

    @Override
    public void requireRoomToCome() throws IOException {
        NoSpaceException lack = cycleLackedRoom;
        if (lack != null) {
            throw lack;
        }
    }

    /**
     * Takes note of how a cycle of write-out and reclaim ended.
     *
     * @param failure null if it went well
     * @return true if it failed for want of room
     */
    boolean noteCycle(@Nullable Throwable failure) {
        cycleLackedRoom = failure == null ? null : NoSpaceException.behind(failure);
        return cycleLackedRoom != null;
    }

    /**
     * Sees to it that the hosts have room for the runs on the members, and in the log for all that was promised: what
     * is logged or cached from here on can always be brought to the members. The request is admitted.
     *
     * @param lease covers the stripes of all runs
     * @param promisedSectors of the log
     * @throws NoSpaceException if a host has no room; nothing has changed then
     */
    void reserve(StripeLocks.Lease lease, List<RunWrite> runs, long promisedSectors) throws IOException {
        memberWriter.reserve(lease, runs);
        journal.reserve(promisedSectors);
    }

    /** Throws if the journal takes nothing any more. */
    void requireJournal() throws IOException {
        requireRoomForLog();
        if (journal.failed()) {
            throw new IOException(
                    "the journal has failed, so nothing can be written; unmount, and mount with --drop-journal");
        }
    }

    /**
     * The log stops for good if its host refuses a write of it in spite of what was reserved. The device has not
     * failed: nothing is recorded, what was committed stays in the log, and the next mount replays it. Were the members
     * written to without it, that replay would bring back what is older.
     */
    void requireRoomForLog() throws IOException {
        Throwable cause = journal.failure();
        if (cause != null && logIsOutOfIt()) {
            throw new IOException(
                    "no more writes: the host had no room for the journal; make room, unmount and mount again: "
                            + cause.getMessage(),
                    cause);
        }
    }

    /** True if the log has stopped for good for want of room. */
    boolean logIsOutOfIt() {
        Throwable cause = journal.failure();
        return cause != null && DeviceException.saysHostLackedRoom(cause);
    }
}
