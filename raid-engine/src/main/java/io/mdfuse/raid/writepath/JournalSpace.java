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
 * The space that writes of a journaled array need: in its log, and in the file systems of the hosts that have its
 * images. It is reserved before anything is logged. This class also decides what a lack of space means for the log.
 */
final class JournalSpace implements CacheAdmission.Log {
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final Journal journal;
    private final Reclaimer reclaimer;
    /** Why the last cycle could neither write out nor reclaim; null if it could, or failed for another reason. */
    private volatile @Nullable NoSpaceException cycleLackedSpace;

    JournalSpace(MemberSet members, MemberWriter memberWriter, Journal journal, Reclaimer reclaimer) {
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
    public boolean rejectsAppends() {
        return reclaimer.rejectsAppends() || members.isBroken();
    }

    @Override
    public void requireSpaceCanBeFreed() throws IOException {
        NoSpaceException lack = cycleLackedSpace;
        if (lack != null) {
            throw lack;
        }
    }

    /**
     * Notes the end of a cycle of write-out and reclaim.
     *
     * @param failure null if the cycle succeeded
     * @return true if it failed because a host has no space
     */
    boolean noteCycle(@Nullable Throwable failure) {
        cycleLackedSpace = failure == null ? null : NoSpaceException.findIn(failure);
        return cycleLackedSpace != null;
    }

    /**
     * Reserves space on the hosts: for the runs on the members, and for all reserved log space in the log. So
     * everything that is logged or cached from here on can be written to the members. The request is admitted.
     *
     * @param lease covers the stripes of all runs
     * @param reservedSectors log space that is reserved, see {@link CacheAdmission#reservedSectors}
     * @throws NoSpaceException if a host has no space; nothing has changed then
     */
    void reserve(StripeLocks.Lease lease, List<RunWrite> runs, long reservedSectors) throws IOException {
        memberWriter.reserve(lease, runs);
        journal.reserveHostSpace(reservedSectors);
    }

    /** Throws if the journal accepts nothing any more. */
    void requireJournal() throws IOException {
        requireLogHasHostSpace();
        if (journal.hasFailed()) {
            throw new IOException(
                    "the journal has failed, so nothing can be written; unmount, and mount with --drop-journal");
        }
    }

    /**
     * Throws if {@link #logLacksHostSpace}: the log stops for good if its host refuses a log write in spite of the
     * reservation. The device has not failed: nothing is recorded, committed records stay in the log, and the next
     * mount replays them. So the members must not be written without the log: that replay would overwrite newer data.
     */
    void requireLogHasHostSpace() throws IOException {
        Throwable cause = journal.failure();
        if (cause != null && logLacksHostSpace()) {
            throw new IOException(
                    "no more writes: the host had no room for the journal; make room, unmount and mount again: "
                            + cause.getMessage(),
                    cause);
        }
    }

    /** True if the log has stopped for good because its host has no space. */
    boolean logLacksHostSpace() {
        Throwable cause = journal.failure();
        return cause != null && DeviceException.isHostOutOfSpace(cause);
    }
}
