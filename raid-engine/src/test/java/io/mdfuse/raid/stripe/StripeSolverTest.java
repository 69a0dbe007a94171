package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every layout, every number of disks up to 8, every row, every set of lost slots, and each of them solved. */
class StripeSolverTest {
    private static final int LENGTH = 27;

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everyLostSetIsSolved(ParityLayout layout) {
        Random random = new Random(3);
        int checked = 0;
        for (int disks = layout.level() == 6 ? 4 : 3; disks <= 8; disks++) {
            ArrayGeometry geometry = new ArrayGeometry(layout, disks, 8, 8L * 2 * disks);
            for (long row = 0; row < geometry.rows(); row++) {
                List<MemorySegment> slots = SoundStripe.make(geometry, row, LENGTH, random);
                for (BitSet lost : lostSets(disks, layout.parityCount())) {
                    for (int wanted = lost.nextSetBit(0); wanted >= 0; wanted = lost.nextSetBit(wanted + 1)) {
                        check(geometry, row, slots, lost, wanted);
                        checked++;
                    }
                }
            }
        }
        assertTrue(checked > 300, "only " + checked);
    }

    private static void check(ArrayGeometry geometry, long row, List<MemorySegment> slots, BitSet lost, int wanted) {
        StripeSolver solver = new StripeSolver(geometry);
        assertTrue(solver.canSolve(lost));
        MemorySegment target = MemorySegment.ofArray(new byte[LENGTH]).fill((byte) 0x55);
        MemorySegment work = MemorySegment.ofArray(new byte[LENGTH * StripeSolver.workFactor(geometry)]);
        BitSet asked = new BitSet();
        solver.solve(
                row,
                wanted,
                lost,
                (slot, into) -> {
                    assertFalse(lost.get(slot), "slot " + slot + " is lost");
                    assertFalse(asked.get(slot), "slot " + slot + " is read twice");
                    asked.set(slot);
                    into.copyFrom(slots.get(slot));
                },
                target,
                work);
        assertEquals(
                -1,
                target.mismatch(slots.get(wanted)),
                () -> geometry.layout() + " row " + row + ", lost " + lost + ", wanted " + wanted);
    }

    /** All sets of one to {@code most} slots. */
    private static List<BitSet> lostSets(int disks, int most) {
        List<BitSet> sets = new ArrayList<>();
        for (long bits = 1; bits < 1L << disks; bits++) {
            if (Long.bitCount(bits) <= most) {
                sets.add(BitSet.valueOf(new long[] {bits}));
            }
        }
        return sets;
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void moreLostSlotsThanParitiesCantBeSolved(ParityLayout layout) {
        StripeSolver solver = new StripeSolver(new ArrayGeometry(layout, 5, 8, 80));
        BitSet lost = new BitSet();
        lost.set(0, layout.parityCount());
        assertTrue(solver.canSolve(lost));
        lost.set(4);
        assertFalse(solver.canSolve(lost));
    }
}
