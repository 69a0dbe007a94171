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
 * Writes to stripes that have lost more blocks, listed as bad or missing, than parity can solve. Data written there can
 * be kept, though no parity can be made for it: before the data is written, the stripe's parity blocks are listed as
 * bad. So no block is ever solved from parity that does not match, the other lost blocks stay errors, and the write of
 * the last lost block finds all other data readable, and makes parity anew. In this way a long row recovers even if
 * each request covers only a part of it.
 *
 * <table>
 *   <caption>A crash after</caption>
 * <tr><td>the parity blocks are listed as bad, flushed</td><td>the stripe has lost blocks as before; its parity solved
 * none of them</td></tr>
 * <tr><td>the data is written and flushed</td><td>the written block is still listed, and an error; or readable, and as
 * written</td></tr>
 * </table>
 */
public final class LostParity {
    private final ArrayGeometry geometry;
    private final MemberSet members;

    /** Creates it for one array. */
    public LostParity(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /** The same runs, split so that every stripe that has lost more blocks than parity can solve is a run by itself. */
    List<RunWrite> splitByLoss(List<RunWrite> runs) {
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

    /** True if the run's stripes have lost more slots than there are parities, so that some of their data is lost. */
    public boolean isBeyondParity(RunWrite run) {
        return members.lostSlots(run.stripeSector(), run.endStripeSector())
                > geometry.layout().parityCount();
    }

    /**
     * Makes a run's parity, or marks it as lost. Only blocks that are listed or missing count as lost for good; a block
     * that just can't be read now may become readable, and needs its parity then.
     *
     * @param lease covers the run's stripes
     * @throws IOException if parity can't be made, and without parity the run can't be written either
     */
    void makeOrMarkLost(StripeLocks.Lease lease, RunWrite run, ParityWork parityWork) throws IOException {
        lease.require(run.stripes());
        try {
            parityWork.make(run);
        } catch (BlockLostException e) {
            if (!isBeyondParity(run) || !membersKeepData(run)) {
                throw e;
            }
            run.noteParityLost();
        }
    }

    private boolean membersKeepData(RunWrite run) {
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (run.newData(index) != null && !keepsData(run, index)) {
                return false;
            }
        }
        return true;
    }

    /**
     * True if a data slot has a member that is read for the run's stripes. The content of a slot whose member is
     * missing, or not rebuilt that far, is in the parity only: without parity, data written to it is lost.
     */
    public boolean keepsData(RunWrite run, int dataIndex) {
        return members.readable(geometry.dataSlot(run.row(), dataIndex), run.endStripeSector()) != null;
    }

    /**
     * Throws if a member has failed to which a run without parity was written: its data is lost with the member.
     */
    public void requireDataKept(List<RunWrite> runs) throws IOException {
        for (RunWrite run : runs) {
            if (run.parityIsLost() && !membersKeepData(run)) {
                throw new IOException("the stripe at sector " + run.stripeSector()
                        + " has no parity, and a member that it was written to has failed");
            }
        }
    }

    /**
     * Lists the parity of runs as bad, durably. The caller writes no parity for them.
     *
     * @param lease covers the stripes of all runs
     * @throws IOException if a member with parity has no list, or a full one; nothing was written to the stripes then
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
            members.recordBadBlocks();
        }
    }
}
