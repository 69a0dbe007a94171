package io.mdfuse.raid.stripe;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.SyndromeSum;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Solves one lost slot of some stripes from the slots that are not lost. It chooses the equation, and with it the slots
 * to read; the caller reads them, and decides what follows if one of them can't be read.
 *
 * <pre>
 *   lost                  wanted    read              solution
 *   X, or X and Q         X != Q    all but Q         X = XOR of the rest
 *   Q, or P and Q         Q         data              Q made from it
 *   D, Q                  Q         data, P           D = dP, Q made from all
 *   D, P                  D, P      data, Q           D = dQ / 2^e, P made from all
 *   D, D'                 D         data, P, Q        two equations
 * </pre>
 */
public final class StripeSolver {
    /** Reads the bytes of a slot that is not lost. */
    @FunctionalInterface
    public interface Slots<X extends Exception> {
        void read(int slot, MemorySegment target) throws X;
    }

    private final ArrayGeometry geometry;

    /** Creates a solver for one array. */
    public StripeSolver(ArrayGeometry geometry) {
        this.geometry = geometry;
    }

    /** Scratch memory that solving takes, as a multiple of the bytes that are solved. */
    public static int workFactor(ArrayGeometry geometry) {
        return geometry.layout().parityCount() == 1 ? 1 : 3;
    }

    /** True if all of {@code lost} can be solved from the other slots. */
    public boolean canSolve(BitSet lost) {
        return lost.cardinality() <= geometry.layout().parityCount();
    }

    /**
     * Fills {@code target} with the content of the slot {@code wanted}.
     *
     * @param row the chunk row in which the bytes lie
     * @param lost every slot that can't be read, {@code wanted} among them; they {@linkplain #canSolve can be solved}
     * @param work scratch memory: {@link #workFactor} times the size of the target
     */
    public <X extends Exception> void solve(
            long row, int wanted, BitSet lost, Slots<X> slots, MemorySegment target, MemorySegment work) throws X {
        int slotOfQ = geometry.parityQ(row);
        BitSet otherLost = (BitSet) lost.clone();
        otherLost.clear(wanted);
        if (slotOfQ >= 0) {
            otherLost.clear(slotOfQ);
        }
        if (wanted != slotOfQ && otherLost.isEmpty()) {
            sumOthers(wanted, slotOfQ, slots, target, work.asSlice(0, target.byteSize()));
        } else {
            solveWeighed(row, wanted, lost, slots, target, work);
        }
    }

    private <X extends Exception> void sumOthers(
            int wanted, int slotOfQ, Slots<X> slots, MemorySegment target, MemorySegment tile) throws X {
        target.fill((byte) 0);
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            if (slot != wanted && slot != slotOfQ) {
                slots.read(slot, tile);
                XorParity.add(target, tile);
            }
        }
    }

    private <X extends Exception> void solveWeighed(
            long row, int wanted, BitSet lost, Slots<X> slots, MemorySegment target, MemorySegment work) throws X {
        long lengthBytes = target.byteSize();
        MemorySegment p = work.asSlice(0, lengthBytes);
        MemorySegment q = work.asSlice(lengthBytes, lengthBytes);
        MemorySegment tile = work.asSlice(2 * lengthBytes, lengthBytes);
        int slotOfP = geometry.parityP(row);
        int slotOfQ = geometry.parityQ(row);
        int[] slotOfExponent = slotOfExponent(row);
        List<Integer> lostExponents = new ArrayList<>();
        SyndromeSum sum = new SyndromeSum(p, q);
        for (int exponent = slotOfExponent.length - 1; exponent >= 0; exponent--) {
            int slot = slotOfExponent[exponent];
            if (slot >= 0 && lost.get(slot)) {
                lostExponents.add(exponent);
            } else if (slot >= 0) {
                slots.read(slot, tile);
                sum.add(exponent, tile);
            }
        }
        sum.finish();
        if (lostExponents.size() == 2) {
            addStored(slotOfP, slots, p, tile);
            addStored(slotOfQ, slots, q, tile);
            DualParity.solveTwo(p, q, lostExponents.getFirst(), lostExponents.getLast());
            target.copyFrom(wanted == slotOfExponent[lostExponents.getFirst()] ? p : q);
        } else if (lostExponents.isEmpty()) {
            target.copyFrom(wanted == slotOfP ? p : q);
        } else if (lost.get(slotOfP)) {
            addStored(slotOfQ, slots, q, tile);
            solveWithoutP(wanted == slotOfP, lostExponents.getFirst(), target, p, q);
        } else {
            // The wanted slot is Q: without Q, a data block is solved from P alone.
            target.copyFrom(p);
            addStored(slotOfP, slots, target, tile);
            DualParity.addDifference(p, q, lostExponents.getFirst(), target);
            target.copyFrom(q);
        }
    }

    /**
     * A data block and P are lost: solves the block from Q, and then P from all data.
     *
     * @param p the sum of the data blocks that are there
     * @param q the stored Q plus the weighed sum of the data blocks that are there
     */
    private static void solveWithoutP(
            boolean wantsP, int exponent, MemorySegment target, MemorySegment p, MemorySegment q) {
        DualParity.solveFromQ(q, exponent);
        target.copyFrom(q);
        if (wantsP) {
            XorParity.add(target, p);
        }
    }

    private static <X extends Exception> void addStored(int slot, Slots<X> slots, MemorySegment sum, MemorySegment tile)
            throws X {
        slots.read(slot, tile);
        XorParity.add(sum, tile);
    }

    private int[] slotOfExponent(long row) {
        int[] slots = new int[geometry.exponents()];
        Arrays.fill(slots, -1);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            slots[geometry.exponent(row, index)] = geometry.dataSlot(row, index);
        }
        return slots;
    }
}
