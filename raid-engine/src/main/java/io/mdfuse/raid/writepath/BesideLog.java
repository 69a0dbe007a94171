package io.mdfuse.raid.writepath;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunCommit.Admission;
import io.mdfuse.raid.stripe.RunCommit.ParityWork;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.util.List;

/**
 * Writes of a journaled array to stripes that have lost more than parity makes good ({@link LostParity}). The journal
 * takes only stripes whose parity can be made, so these writes go past it. The caller is admitted alone and has drained
 * the log: were a record of the stripes left in it, the next replay would bring older data back.
 *
 * <table>
 *   <caption>A crash after</caption>
 *   <tr><td>the log is drained</td><td>the stripe as it was; nothing is replayed over it</td></tr>
 * <tr><td>the parity blocks are on the lists, flushed</td><td>the same blocks are lost as before; parity solved none of
 * them</td></tr>
 *   <tr><td>the data is written</td><td>each block old, listed still (an error), or new</td></tr>
 *   <tr><td>the members are flushed</td><td>the new blocks: the request may be answered</td></tr>
 * </table>
 *
 * Stripes of the same request whose parity can be made come after that, through the log.
 */
final class BesideLog {
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final WriteThrough writeThrough;
    private final WriteOut writeOut;
    private final CacheAdmission admission;
    private final HostRoom hostRoom;
    private final Reclaimer reclaimer;
    private final LostParity lostParity;

    BesideLog(
            ArrayGeometry geometry,
            MemberSet members,
            MemberWriter memberWriter,
            WriteThrough writeThrough,
            WriteOut writeOut,
            CacheAdmission admission,
            HostRoom hostRoom,
            Reclaimer reclaimer) {
        this.members = members;
        this.memberWriter = memberWriter;
        this.writeThrough = writeThrough;
        this.writeOut = writeOut;
        this.admission = admission;
        this.hostRoom = hostRoom;
        this.reclaimer = reclaimer;
        this.lostParity = new LostParity(geometry, members);
    }

    /** True if a request has stripes for which it may come to this, so that it must be admitted alone. */
    boolean concerns(List<RunWrite> runs) {
        return runs.stream().anyMatch(lostParity::isBeyondParity);
    }

    /** Waits until the request is the only one that is in, and leaves the cache and the log with nothing in them. */
    Admission admit(List<RunWrite> runs) throws IOException {
        admission.enterAlone();
        try {
            hostRoom.requireJournal();
            writeOut.writeOutAll();
            reclaimer.drain();
        } catch (IOException | RuntimeException e) {
            admission.leaveAlone();
            throw e;
        }
        runs.forEach(RunWrite::noteAlone);
        return admission::leaveAlone;
    }

    /**
     * Makes the runs of a request safe that is alone; nothing of the array is cached or logged.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        List<RunWrite> parts = lostParity.apart(runs);
        for (RunWrite part : parts) {
            lostParity.makeOrGiveUp(lease, part, parityWork);
        }
        List<RunWrite> lossy = parts.stream().filter(RunWrite::parityIsLost).toList();
        if (!lossy.isEmpty()) {
            lostParity.list(lease, lossy);
            memberWriter.write(lease, lossy);
            members.flush();
            lostParity.requireKept(lossy);
        }
        List<RunWrite> whole =
                parts.stream().filter(part -> !part.parityIsLost()).toList();
        if (!whole.isEmpty()) {
            writeThrough.commit(lease, whole, _ -> {});
        }
    }
}
