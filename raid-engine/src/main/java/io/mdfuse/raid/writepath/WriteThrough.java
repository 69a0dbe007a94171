package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunCommit.ParityWork;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * md's journal in write-through mode: data and parity are in the log, flushed, before any member is touched.
 *
 * <pre>
 *   append ──▶ commit (flush of the log, shared) ──▶ members written ──▶ release ──▶ reply
 *                                                        later: {@link Reclaimer}
 * </pre>
 *
 * A crash before the commit leaves the old blocks: no member was touched. A crash after it leaves the new ones: replay
 * writes data and parity again, whatever part of them had reached the members. So data and parity always belong
 * together, and what was answered is in the log: a flush has nothing left to do.
 *
 * <p>While the array has never been fully synced, it is marked dirty as without a journal, because the log closes
 * the write hole only for stripes whose parity was right before.
 */
final class WriteThrough {
    private final Journal journal;
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final DirtyMarker dirtyMarker;
    private final SyncPosition syncPosition;
    private final Reclaimer reclaimer;

    WriteThrough(
            ArrayGeometry geometry,
            Journal journal,
            MemberSet members,
            DirtyMarker dirtyMarker,
            SyncPosition syncPosition,
            Reclaimer reclaimer) {
        this.journal = journal;
        this.members = members;
        this.memberWriter = new MemberWriter(geometry, members);
        this.dirtyMarker = dirtyMarker;
        this.syncPosition = syncPosition;
        this.reclaimer = reclaimer;
    }

    /**
     * Puts runs, whose stripes are not cached, through the log to the members.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        for (RunWrite run : runs) {
            lease.require(run.stripes());
            parityWork.make(run);
        }
        boolean marked = !syncPosition.inSync();
        if (marked) {
            dirtyMarker.begin();
        }
        try {
            LogTicket ticket =
                    reclaimer.append(runs.stream().map(RunWrite::dataAndParity).toList());
            journal.commit(ticket);
            writeMembers(lease, runs);
            reclaimer.release(ticket);
        } finally {
            if (marked) {
                dirtyMarker.end();
            }
        }
    }

    /**
     * Rewrites blocks of a run that did not fit, and then logs it, so that the replay of an older write can't bring old
     * parity back.
     *
     * <p>The members come first, flushed, the other way round than in {@link #commit}: were the log cut short by a
     * crash, recovery would make the parity of the stripes in it fit whatever the members hold, and that must not be
     * the block that was to be repaired. Without a log the crash leaves a single block that does not fit, as it was.
     *
     * @param lease covers the run's stripes
     */
    void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        memberWriter.write(lease, run, slots);
        members.flush();
        LogTicket ticket = reclaimer.append(List.of(run.dataAndParity()));
        journal.commit(ticket);
        reclaimer.release(ticket);
    }

    private void writeMembers(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        try {
            memberWriter.write(lease, runs);
        } catch (IOException e) {
            reclaimer.breakOff(e);
            throw e;
        }
    }
}
