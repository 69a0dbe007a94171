package io.mdfuse.raid.recovery;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeSolver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stripe as its newest logged parity covers it: pages of the log, and for slots that the log does not hold, the
 * blocks of the members. Pages that are damaged are solved, as long as not more is lost than the parity makes good.
 *
 * <p>The parity on the members is never asked: it may be older than the logged one, or half written.
 */
final class SettledStripe implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final StripeSolver solver;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment blocks;
    private final MemorySegment work;

    /** A slot that was thought to be there can't be read. */
    private static final class SlotUnreadable extends Exception {
        private static final long serialVersionUID = 1;

        private final int slot;

        SlotUnreadable(int slot, IOException cause) {
            super(cause);
            this.slot = slot;
        }
    }

    SettledStripe(ArrayGeometry geometry, MemberSet members, LogArea log) {
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.solver = new StripeSolver(geometry);
        long block = Sectors.BLOCK_BYTES;
        this.blocks = arena.allocate(geometry.raidDisks() * block, block);
        this.work = arena.allocate(StripeSolver.workFactor(geometry) * block, block);
    }

    /**
     * The settled data and its parity, ready to be written; null where more is lost than can be solved. Good until the
     * next call.
     */
    @Nullable
    RunWrite read(long stripeSector, StripeReplay stripe) {
        BitSet lost = lostSlots(stripeSector, stripe);
        while (solver.canSolve(lost)) {
            try {
                return read(stripeSector, stripe, lost);
            } catch (SlotUnreadable e) {
                lost.set(e.slot);
            }
        }
        return null;
    }

    /**
     * True where a member certainly has a block of the newest batch: a page of it that is not what was logged for that
     * slot before. Then the batch was committed, and no power failure has torn it.
     *
     * @param before what was settled before that batch
     */
    boolean hasReachedMembers(long stripeSector, StripeReplay stripe, StripeReplay before) throws IOException {
        MemorySegment newer = blocks.asSlice(0, Sectors.BLOCK_BYTES);
        MemorySegment other = blocks.asSlice(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        long row = geometry.rowOfStripe(stripeSector);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long newerPage = stripe.settled().page(index);
            long olderPage = before.settled().page(index);
            Member member = members.readable(geometry.dataSlot(row, index), stripeSector + Sectors.PER_BLOCK);
            if (olderPage == StripeReplay.NONE || newerPage == olderPage || member == null) {
                continue;
            }
            log.readPage(newerPage, newer);
            log.readPage(olderPage, other);
            if (newer.mismatch(other) >= 0 && holds(member, stripeSector, newer, other)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Member member, long stripeSector, MemorySegment wanted, MemorySegment buffer) {
        try {
            member.read(Sectors.toBytes(stripeSector), buffer);
            return buffer.mismatch(wanted) < 0;
        } catch (DeviceException e) {
            return false;
        }
    }

    private BitSet lostSlots(long stripeSector, StripeReplay stripe) {
        BitSet lost = new BitSet();
        long row = geometry.rowOfStripe(stripeSector);
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            int index = geometry.dataIndex(row, slot);
            if (index < 0) {
                lost.set(slot, pageOf(row, slot, stripe) == StripeReplay.NONE);
            } else if (stripe.settled().holds(index)) {
                lost.set(slot, stripe.settled().isDamaged(index));
            } else {
                lost.set(slot, members.readable(slot, stripeSector + Sectors.PER_BLOCK) == null);
            }
        }
        return lost;
    }

    private RunWrite read(long stripeSector, StripeReplay stripe, BitSet lost) throws SlotUnreadable {
        long row = geometry.rowOfStripe(stripeSector);
        List<@Nullable MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            boolean settled = stripe.settled().holds(index);
            data.add(settled ? readOrSolve(stripeSector, geometry.dataSlot(row, index), stripe, lost) : null);
        }
        RunWrite run = new RunWrite(geometry, stripeSector, 1, data);
        int slotOfQ = geometry.parityQ(row);
        run.setParity(
                readOrSolve(stripeSector, geometry.parityP(row), stripe, lost),
                slotOfQ < 0 ? null : readOrSolve(stripeSector, slotOfQ, stripe, lost));
        return run;
    }

    private MemorySegment readOrSolve(long stripeSector, int slot, StripeReplay stripe, BitSet lost)
            throws SlotUnreadable {
        MemorySegment block = blocks.asSlice((long) slot * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        long row = geometry.rowOfStripe(stripeSector);
        if (lost.get(slot)) {
            solver.solve(
                    row, slot, lost, (other, target) -> readSlot(stripeSector, other, stripe, target), block, work);
        } else {
            readSlot(stripeSector, slot, stripe, block);
        }
        return block;
    }

    private void readSlot(long stripeSector, int slot, StripeReplay stripe, MemorySegment target)
            throws SlotUnreadable {
        try {
            long page = pageOf(geometry.rowOfStripe(stripeSector), slot, stripe);
            Member member = members.readable(slot, stripeSector + Sectors.PER_BLOCK);
            if (page != StripeReplay.NONE) {
                log.readPage(page, target);
            } else if (member != null) {
                member.read(Sectors.toBytes(stripeSector), target);
            } else {
                throw new IOException("slot " + slot + " has no member");
            }
        } catch (IOException e) {
            throw new SlotUnreadable(slot, e);
        }
    }

    /** Where the log has what the slot settled on; {@link StripeReplay#NONE} where it has not. */
    private long pageOf(long row, int slot, StripeReplay stripe) {
        int index = geometry.dataIndex(row, slot);
        if (index >= 0) {
            return stripe.settled().page(index);
        }
        return slot == geometry.parityP(row) ? stripe.pPage() : stripe.qPage();
    }

    @Override
    public void close() {
        arena.close();
    }
}
