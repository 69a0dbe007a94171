package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Every combination of the conditions, against the rules and against the blocks that each plan needs. */
class WritePlanTest {
    @Test
    void everyCombinationHasThePlanOfTheRules() {
        forEachCombination((data, parities, written, writtenLost, untouchedLost, parityLost, parity) -> {
            WritePlan plan = WritePlan.choose(data, parities, written, writtenLost, untouchedLost, parityLost, parity);
            WritePlan wanted;
            if (written == data) {
                wanted = WritePlan.FULL_STRIPE;
            } else if (!writtenLost && !parityLost && untouchedLost && parity != ParityTrust.NEVER_MADE) {
                wanted = WritePlan.READ_MODIFY_WRITE;
            } else if (writtenLost || parityLost || untouchedLost || parity != ParityTrust.CORRECT) {
                wanted = WritePlan.RECONSTRUCT;
            } else {
                wanted = written + parities < data - written ? WritePlan.READ_MODIFY_WRITE : WritePlan.RECONSTRUCT;
            }
            assertEquals(wanted, plan);
        });
    }

    /** What must be true of every plan, independent of the rules that chose it. */
    @Test
    void noPlanNeedsALostBlock() {
        forEachCombination((data, parities, written, writtenLost, untouchedLost, parityLost, parity) -> {
            WritePlan plan = WritePlan.choose(data, parities, written, writtenLost, untouchedLost, parityLost, parity);
            assertEquals(written == data, plan == WritePlan.FULL_STRIPE);
            if (plan == WritePlan.READ_MODIFY_WRITE) {
                assertTrue(!writtenLost && !parityLost, "a difference reads every written slot and all parity");
                assertTrue(
                        parity == ParityTrust.CORRECT || untouchedLost,
                        "old parity that may be wrong is used only if nothing else is left");
                assertTrue(parity != ParityTrust.NEVER_MADE, "parity that was never made is never used");
            }
            if (plan == WritePlan.RECONSTRUCT && untouchedLost) {
                assertTrue(
                        parities == 2 || parity == ParityTrust.NEVER_MADE,
                        "with one parity a lost untouched slot is all that can be lost");
            }
        });
    }

    private interface Combination {
        void check(
                int data,
                int parities,
                int written,
                boolean writtenLost,
                boolean untouchedLost,
                boolean parityLost,
                ParityTrust parity);
    }

    /**
     * Every possible combination: no more kinds of slots are lost than there are parities, and each lost kind has a
     * slot.
     */
    private static void forEachCombination(Combination combination) {
        int count = 0;
        for (int parities = 1; parities <= 2; parities++) {
            for (int data = 1; data <= 10; data++) {
                for (int written = 1; written <= data; written++) {
                    for (ParityTrust parity : ParityTrust.values()) {
                        count += forEachLoss(combination, data, parities, written, parity);
                    }
                }
            }
        }
        assertTrue(count > 1000, "only " + count);
    }

    private static int forEachLoss(Combination combination, int data, int parities, int written, ParityTrust parity) {
        int count = 0;
        for (int flags = 0; flags < 8; flags++) {
            boolean untouchedLost = (flags & 2) != 0;
            if (Integer.bitCount(flags) <= parities && !(untouchedLost && written == data)) {
                combination.check(data, parities, written, (flags & 1) != 0, untouchedLost, (flags & 4) != 0, parity);
                count++;
            }
        }
        return count;
    }
}
