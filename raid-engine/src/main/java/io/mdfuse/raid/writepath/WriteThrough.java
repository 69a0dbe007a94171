package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogTicket;
import io.mdfuse.raid.stripe.RunCommit.ParityWork;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * md's journal in write-through mode: data and parity are in the log, flushed, before any member is written.
 *
 * <pre>
 *   append ──▶ commit (flush of the log, shared) ──▶ members written ──▶ release ──▶ reply
 *                                                        later: {@link Reclaimer}
 * </pre>
 *
 * A crash before the commit leaves the old blocks, since no member was written. A crash after it leaves the new ones:
 * replay writes data and parity again, whatever part of them had reached the members. So data and parity are always
 * consistent, and acknowledged writes are in the log: a flush has nothing to do.
 *
 * <p>While the array has never been fully synced, it is marked dirty as without a journal, because the log closes
 * the write hole only for stripes whose parity was correct before.
 */
final class WriteThrough {
    private final JournalParts parts;
    private final Journal journal;
    private final Reclaimer reclaimer;
    private final EarlyFlush earlyFlush;

    WriteThrough(JournalParts parts) {
        this.parts = parts;
        this.journal = parts.journal();
        this.reclaimer = parts.reclaimer();
        this.earlyFlush = new EarlyFlush(parts.geometry(), parts.members());
    }

    /**
     * Logs runs, whose stripes are not cached, and writes them to the members.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        for (RunWrite run : runs) {
            lease.require(run.stripes());
            parityWork.make(run);
        }
        boolean marked = !parts.stripes().syncPosition().inSync();
        if (marked) {
            parts.dirtyMarker().begin();
        }
        try {
            LogTicket ticket =
                    reclaimer.append(runs.stream().map(RunWrite::dataAndParity).toList());
            journal.commit(ticket);
            parts.writeMembers(lease, runs);
            earlyFlush.begin(runs);
            reclaimer.release(ticket);
        } finally {
            if (marked) {
                parts.dirtyMarker().end();
            }
        }
    }

    /**
     * Writes repaired blocks of a run, and then logs the run, so that the replay of an older write can't restore old
     * parity.
     *
     * <p>The members are written first and flushed, unlike in {@link #commit}: if a crash tore the log record, recovery
     * would make the parity of its stripes from the content of the members, which must not be the block that is to be
     * repaired. A crash before the record leaves the single mismatching block as it was.
     *
     * @param lease covers the run's stripes
     */
    void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        parts.memberWriter().write(lease, run, slots);
        parts.members().flush();
        LogTicket ticket = reclaimer.append(List.of(run.dataAndParity()));
        journal.commit(ticket);
        reclaimer.release(ticket);
    }
}
