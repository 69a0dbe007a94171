package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.BlockLostException;
import io.mdfuse.raid.stripe.RunCommit.ParityWork;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes to stripes of which more is listed as bad, or missing, than parity makes good. What is written there can be
 * kept, though no parity can be made for it: the stripe's parity blocks are listed as bad in its place, before the data
 * is written. So nothing is ever solved from parity that does not fit, the other lost blocks stay errors, and the write
 * that brings the last of them finds all other data readable, and makes parity anew. A large row comes back so though
 * each request covers a part of it.
 *
 * <table>
 *   <caption>A crash after</caption>
 * <tr><td>the parity blocks are on the lists, flushed</td><td>the stripe has lost blocks as before; its parity solved
 * none of them</td></tr>
 * <tr><td>the data is written and flushed</td><td>the written block is listed still, and an error; or good, and as
 * written</td></tr>
 * </table>
 */
public final class LostParity {
    private final ArrayGeometry geometry;
    private final MemberSet members;

    /** Looks at the stripes of one array. */
    public LostParity(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /** The same runs, but every stripe that has lost more than parity makes good is a run of its own. */
    List<RunWrite> apart(List<RunWrite> runs) {
        if (runs.stream().noneMatch(this::isBeyondParity)) {
            return runs;
        }
        List<RunWrite> parts = new ArrayList<>();
        for (RunWrite run : runs) {
            int from = 0;
            for (int stripe = 1; stripe <= run.stripeCount(); stripe++) {
                if (stripe == run.stripeCount()
                        || isBeyondParity(part(run, stripe - 1, stripe))
                        || isBeyondParity(part(run, stripe, stripe + 1))) {
                    parts.add(part(run, from, stripe));
                    from = stripe;
                }
            }
        }
        return parts;
    }

    private RunWrite part(RunWrite run, int fromStripe, int endStripe) {
        List<@Nullable MemorySegment> data = new ArrayList<>();
        long lengthBytes = (long) (endStripe - fromStripe) * Sectors.BLOCK_BYTES;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment all = run.newData(index);
            data.add(all == null ? null : all.asSlice((long) fromStripe * Sectors.BLOCK_BYTES, lengthBytes));
        }
        long stripeSector = run.stripeSector() + (long) fromStripe * Sectors.PER_BLOCK;
        return new RunWrite(geometry, stripeSector, endStripe - fromStripe, data);
    }

    /** True if the run's stripes have lost more slots than there are parities: some data of them is an error. */
    public boolean isBeyondParity(RunWrite run) {
        return members.lostSlots(run.stripeSector(), run.endStripeSector())
                > geometry.layout().parityCount();
    }

    /**
     * Makes a run's parity, or notes that it is lost. What lists say is lost stays lost; what just can't be read now
     * may come back, and needs its parity then.
     *
     * @param lease covers the run's stripes
     * @throws IOException if parity can't be made, and without parity the run can't be written either
     */
    void makeOrGiveUp(StripeLocks.Lease lease, RunWrite run, ParityWork parityWork) throws IOException {
        lease.require(run.stripes());
        try {
            parityWork.make(run);
        } catch (BlockLostException e) {
            if (!isBeyondParity(run) || !membersKeep(run)) {
                throw e;
            }
            run.noteParityLost();
        }
    }

    private boolean membersKeep(RunWrite run) {
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (run.newData(index) != null && !memberKeeps(run, index)) {
                return false;
            }
        }
        return true;
    }

    /**
     * True if a data slot has a member that is read for the run's stripes. A slot whose member is missing, or is not
     * rebuilt that far, lives in parity alone: without parity, what is written to it is lost.
     */
    public boolean memberKeeps(RunWrite run, int dataIndex) {
        return members.readable(geometry.dataSlot(run.row(), dataIndex), run.endStripeSector()) != null;
    }

    /**
     * Throws if a member that a run without parity was written to has failed meanwhile: what it took is lost with it.
     */
    public void requireKept(List<RunWrite> runs) throws IOException {
        for (RunWrite run : runs) {
            if (run.parityIsLost() && !membersKeep(run)) {
                throw new IOException("the stripe at sector " + run.stripeSector()
                        + " has no parity, and a member that it was written to has failed");
            }
        }
    }

    /**
     * Lists the parity of runs as bad, durably. The caller writes no parity for them.
     *
     * @param lease covers the stripes of all runs
     * @throws IOException if a member with parity has no list, or no room in it; nothing was written to the stripes
     *     then
     */
    public void list(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        List<Member> listing = new ArrayList<>();
        for (RunWrite run : runs) {
            lease.require(run.stripes());
            for (int slot : new int[] {geometry.parityP(run.row()), geometry.parityQ(run.row())}) {
                for (Member member : slot < 0 ? List.<Member>of() : members.writable(slot)) {
                    if (!member.noteBad(run.memberOffsetBytes(), run.bytesPerSlot())) {
                        throw new IOException(member.name() + ": no room to list the parity of the stripe at sector "
                                + run.stripeSector() + " as bad");
                    }
                    listing.add(member);
                }
            }
        }
        if (!listing.isEmpty()) {
            members.recordListed();
        }
    }
}
