package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.SyncPosition;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantReadWriteLock;

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
 *
 * <p>A trim is not logged: zeros for terabytes would be. Instead the log is drained first, so that no replay can
 * bring back what was trimmed, and the array is marked dirty until the trim is on the members. It is flushed before
 * the stripes are released: whatever is logged of them later may be replayed together with blocks that were trimmed,
 * so these must be on the media by then.
 */
public final class WriteThrough implements WritePath {
    private final Journal journal;
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final DirtyMarker dirtyMarker;
    private final SyncPosition syncPosition;
    private final Reclaimer reclaimer;
    /** Shared by all who hold a ticket; a trim takes it alone, to drain the log. Fair, so that it gets its turn. */
    private final ReentrantReadWriteLock ticketGate = new ReentrantReadWriteLock(true);

    /**
     * Makes the write path over an open journal.
     *
     * @param background runs reclaims that nobody waits for
     */
    public WriteThrough(
            ArrayGeometry geometry,
            Journal journal,
            MemberSet members,
            DirtyMarker dirtyMarker,
            SyncPosition syncPosition,
            Executor background) {
        this.journal = journal;
        this.members = members;
        this.memberWriter = new MemberWriter(geometry, members);
        this.dirtyMarker = dirtyMarker;
        this.syncPosition = syncPosition;
        this.reclaimer = new Reclaimer(journal, members, background);
    }

    @Override
    public void commit(List<RunWrite> runs) throws IOException {
        boolean marked = !syncPosition.inSync();
        if (marked) {
            dirtyMarker.begin();
        }
        ticketGate.readLock().lock();
        try {
            List<StripeRun> logged = runs.stream().map(RunWrite::forJournal).toList();
            LogTicket ticket = reclaimer.append(logged);
            journal.commit(ticket);
            writeMembers(runs);
            reclaimer.release(ticket);
        } finally {
            ticketGate.readLock().unlock();
            if (marked) {
                dirtyMarker.end();
            }
        }
    }

    private void writeMembers(List<RunWrite> runs) throws IOException {
        try {
            memberWriter.write(runs);
        } catch (IOException e) {
            reclaimer.breakOff(e);
            throw e;
        }
    }

    /** What was answered is in the log, and trims were flushed: nothing is left to do. */
    @Override
    public void flush() {}

    @Override
    public void beginTrim() throws IOException {
        drain();
        dirtyMarker.begin();
    }

    @Override
    public void endTrim() throws IOException {
        try {
            members.flush();
        } finally {
            dirtyMarker.end();
        }
    }

    /** Leaves the log with one empty block, and all that it held on the members. */
    public void drain() throws IOException {
        ticketGate.writeLock().lock();
        try {
            reclaimer.drain();
        } finally {
            ticketGate.writeLock().unlock();
        }
    }
}
