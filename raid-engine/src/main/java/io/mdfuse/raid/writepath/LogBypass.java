package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunCommit.Admission;
import io.mdfuse.raid.stripe.RunCommit.ParityWork;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.util.List;

/**
 * Writes of a journaled array to stripes that have lost more blocks than parity can solve ({@link LostParity}). The
 * journal accepts only stripes whose parity can be made, so these writes bypass it. The request is admitted exclusively
 * and the log is drained first: a record of these stripes in the log would restore older data at the next replay.
 *
 * <table>
 *   <caption>A crash after</caption>
 *   <tr><td>the log is drained</td><td>the stripe as it was; no record of it is replayed</td></tr>
 * <tr><td>the parity blocks are listed as bad, flushed</td><td>the same blocks are lost as before; parity solved none
 * of them</td></tr>
 *   <tr><td>the data is written</td><td>each block is old, or still listed (an error), or new</td></tr>
 *   <tr><td>the members are flushed</td><td>the new blocks: the request may be acknowledged</td></tr>
 * </table>
 *
 * Stripes of the same request whose parity can be made are written after that, through the log.
 */
final class LogBypass {
    private final JournalParts parts;
    private final WriteThrough writeThrough;
    private final WriteOut writeOut;
    private final CacheAdmission admission;
    private final LostParity lostParity;

    LogBypass(JournalParts parts, WriteThrough writeThrough, WriteOut writeOut) {
        this.parts = parts;
        this.writeThrough = writeThrough;
        this.writeOut = writeOut;
        this.admission = parts.admission();
        this.lostParity = new LostParity(parts.geometry(), parts.members());
    }

    /** True if a request has stripes that may need this, so that it must be admitted exclusively. */
    boolean isNeededFor(List<RunWrite> runs) {
        return runs.stream().anyMatch(lostParity::isBeyondParity);
    }

    /** Waits until the request is admitted exclusively, and empties the cache and the log. */
    Admission admit(List<RunWrite> runs) throws IOException {
        admission.admitExclusively();
        try {
            parts.space().requireJournal();
            writeOut.writeOutAll();
            parts.reclaimer().drain();
        } catch (IOException | RuntimeException e) {
            admission.releaseExclusive();
            throw e;
        }
        runs.forEach(RunWrite::noteExclusive);
        return admission::releaseExclusive;
    }

    /**
     * Writes the runs of a request that is admitted exclusively; cache and log are empty.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        List<RunWrite> split = lostParity.splitByLoss(runs);
        for (RunWrite part : split) {
            lostParity.makeOrMarkLost(lease, part, parityWork);
        }
        List<RunWrite> lossy = split.stream().filter(RunWrite::parityIsLost).toList();
        if (!lossy.isEmpty()) {
            lostParity.list(lease, lossy);
            parts.memberWriter().write(lease, lossy);
            parts.members().flush();
            lostParity.requireDataKept(lossy);
        }
        List<RunWrite> withParity =
                split.stream().filter(part -> !part.parityIsLost()).toList();
        if (!withParity.isEmpty()) {
            writeThrough.commit(lease, withParity, _ -> {});
        }
    }
}
