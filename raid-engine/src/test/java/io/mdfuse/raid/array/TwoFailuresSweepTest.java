package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One device fails at the nth of its I/Os, for every n of a workload, and a second one at a later I/O of its own (0 is
 * the next): while the first failure is being recorded, soon after, or long after. The test covers all pairs of devices
 * in both orders. For two members of a RAID-6, and for the journal and a member at all levels, the guarantees are the
 * same as if one device fails. Two members of a RAID-4/5 are one too many: the array stops, and all durable writes are
 * there when both devices are back.
 */
@Execution(ExecutionMode.CONCURRENT)
class TwoFailuresSweepTest {
    private static final int CRASHES_EACH = 3;
    private static final int[] LATER = {0, 1, 2, 4, 9, 22, 55};
    private static final List<FaultKind> KINDS = List.of(FaultKind.DIES, FaultKind.WRITE_FAILS, FaultKind.FLUSH_FAILS);
    private static final List<FaultKind> SECOND_KINDS =
            List.of(FaultKind.DIES, FaultKind.WRITE_FAILS, FaultKind.FLUSH_FAILS, FaultKind.READ_FAILS);

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 4, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.DDF_N_RESTART, 5, 8, 4, 40, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aSecondDeviceMayFailAtAnyLaterCall(ArrayShape shape) throws IOException {
        SweptArray sound = new SweptArray(shape, false);
        RaidArray open = sound.open();
        sound.work(open, false);
        open.close();
        Thinning thinning = new Thinning(97);
        for (int first = 0; first < sound.deviceCount(); first++) {
            for (int second = 0; second < sound.deviceCount(); second++) {
                if (first != second) {
                    sweep(shape, sound, first, second, thinning);
                }
            }
        }
        assertTrue(thinning.taken() > 100, "only " + thinning.taken() + " runs");
    }

    private static void sweep(ArrayShape shape, SweptArray sound, int first, int second, Thinning thinning) {
        for (FaultKind kind : KINDS) {
            for (int nth = 1; nth <= kind.calls(sound.plan(first)); nth++) {
                for (FaultKind secondKind : SECOND_KINDS) {
                    for (int later : LATER) {
                        if (thinning.takesNext()) {
                            Case found = new Case(first, kind, nth, second, secondKind, later);
                            try {
                                found.run(shape);
                            } catch (IOException | RuntimeException | AssertionError e) {
                                throw new AssertionError(found + ": " + e.getMessage(), e);
                            }
                        }
                    }
                }
            }
        }
    }

    private record Case(int first, FaultKind kind, int nth, int second, FaultKind secondKind, int later) {
        void run(ArrayShape shape) throws IOException {
            boolean journalFails = first == shape.disks() || second == shape.disks();
            boolean tooMany = !journalFails && shape.layout().parityCount() == 1;
            if (tooMany && !secondKind.costsTheMember()) {
                // A request fails and the array continues: the content that later requests partly overwrite is not
                // known then.
                return;
            }
            SweptArray swept = new SweptArray(shape, journalFails);
            FaultPlan next = swept.plan(second);
            swept.plan(first).atFirstFailure(() -> secondKind.plan(next, later + 1));
            kind.plan(swept.plan(first), nth);
            RaidArray array;
            try {
                array = swept.open();
            } catch (IOException e) {
                assertTrue(swept.hasFailed(first), e.getMessage());
                swept.checkAllDevicesBack();
                return;
            }
            swept.work(array, journalFails || tooMany);
            if (!tooMany) {
                swept.model().checkAnswered(array);
            }
            try {
                array.close();
            } catch (IOException e) {
                assertTrue(journalFails || tooMany, "close: " + e.getMessage());
            }
            if (tooMany) {
                swept.checkSafeWithAllDevicesBack();
            } else {
                checkLeftOver(swept, array, journalFails);
            }
            swept.crashAnywhere(CRASHES_EACH, hashCode());
        }

        private void checkLeftOver(SweptArray swept, RaidArray array, boolean journalFails) throws IOException {
            List<Integer> givenUp = swept.givenUp(array);
            assertEquals(Integer.toString(givenUp.size()), array.attributes().get("degraded"));
            assertTrue(!isOut(swept, first, kind) || givenUp.contains(first), "the first is still there");
            assertTrue(!isOut(swept, second, secondKind) || givenUp.contains(second), "the second is still there");
            swept.checkIsOnRecord(array);
            swept.checkWhatIsLeft(givenUp, journalFails);
        }

        private static boolean isOut(SweptArray swept, int device, FaultKind kind) {
            return kind.costsTheMember() && swept.hasFailed(device) && !swept.isJournal(device);
        }
    }
}
