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
 * Reads a data-parity stripe, which is a stripe as its newest logged parity covers it: pages of the log, and blocks of
 * the members for the slots that are not in the log. Damaged pages are solved, unless more slots are lost than parity
 * can solve.
 *
 * <p>The parity on the members is never used: it may be older than the logged one, or half written.
 */
final class DataParityStripe implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final StripeSolver solver;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment blocks;
    private final MemorySegment work;

    /** A slot that was expected to be readable is not. */
    private static final class SlotUnreadable extends Exception {
        private static final long serialVersionUID = 1;

        private final int slot;

        SlotUnreadable(int slot, IOException cause) {
            super(cause);
            this.slot = slot;
        }
    }

    DataParityStripe(ArrayGeometry geometry, MemberSet members, LogArea log) {
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.solver = new StripeSolver(geometry);
        long block = Sectors.BLOCK_BYTES;
        this.blocks = arena.allocate(geometry.raidDisks() * block, block);
        this.work = arena.allocate(StripeSolver.workFactor(geometry) * block, block);
    }

    /**
     * The covered data and its parity, ready to be written; null if more is lost than can be solved. Valid until the
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
     * True if a member certainly has a block of the newest batch: the member's block equals the batch's page, and that
     * page differs from the page that was logged for the slot before. Then the batch was committed, so no power failure
     * tore it.
     *
     * @param before the stripe as it was covered before that batch
     */
    boolean hasReachedMembers(long stripeSector, StripeReplay stripe, StripeReplay before) throws IOException {
        MemorySegment newer = blocks.asSlice(0, Sectors.BLOCK_BYTES);
        MemorySegment other = blocks.asSlice(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        long row = geometry.rowOfStripe(stripeSector);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long newerPage = stripe.covered().page(index);
            long olderPage = before.covered().page(index);
            Member member = members.readable(geometry.dataSlot(row, index), stripeSector + Sectors.PER_BLOCK);
            if (olderPage == StripeReplay.NONE || newerPage == olderPage || member == null) {
                continue;
            }
            log.readBlocks(newerPage, newer);
            log.readBlocks(olderPage, other);
            if (newer.mismatch(other) >= 0 && hasBlock(member, stripeSector, newer, other)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasBlock(Member member, long stripeSector, MemorySegment wanted, MemorySegment buffer) {
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
            } else if (stripe.covered().has(index)) {
                lost.set(slot, stripe.covered().isDamaged(index));
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
            boolean covered = stripe.covered().has(index);
            data.add(covered ? readOrSolve(stripeSector, geometry.dataSlot(row, index), stripe, lost) : null);
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
                log.readBlocks(page, target);
            } else if (member != null) {
                member.read(Sectors.toBytes(stripeSector), target);
            } else {
                throw new IOException("slot " + slot + " has no member");
            }
        } catch (IOException e) {
            throw new SlotUnreadable(slot, e);
        }
    }

    /** The log position of the slot's covered data or parity page; {@link StripeReplay#NONE} if there is none. */
    private long pageOf(long row, int slot, StripeReplay stripe) {
        int index = geometry.dataIndex(row, slot);
        if (index >= 0) {
            return stripe.covered().page(index);
        }
        return slot == geometry.parityP(row) ? stripe.pPage() : stripe.qPage();
    }

    @Override
    public void close() {
        arena.close();
    }
}
