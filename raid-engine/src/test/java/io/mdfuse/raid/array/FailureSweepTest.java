package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One device fails at the nth of its I/Os, for every n of a workload: either all later calls fail, or only that one.
 * The array continues, no acknowledged write is lost, and the superblocks record the failure. That also holds if power
 * fails some time later, and the failed device is back afterwards with its old content.
 */
@Execution(ExecutionMode.CONCURRENT)
class FailureSweepTest {
    private static final int CRASHES_EACH = 4;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anyOneDeviceMayFailAtAnyOfItsCalls(ArrayShape shape) throws IOException {
        SweptArray sound = new SweptArray(shape, false);
        RaidArray open = sound.open();
        List<Map<FaultKind, Integer>> callsToOpen = new ArrayList<>();
        for (int device = 0; device < sound.deviceCount(); device++) {
            callsToOpen.add(FaultKind.allCalls(sound.plan(device)));
        }
        sound.work(open, false);
        open.close();
        int runs = 0;
        for (int device = 0; device < sound.deviceCount(); device++) {
            for (FaultKind kind : FaultKind.values()) {
                for (int nth = 1; nth <= kind.calls(sound.plan(device)); nth++) {
                    boolean opening = nth <= callsToOpen.get(device).getOrDefault(kind, 0);
                    try {
                        failAt(shape, device, kind, nth, opening);
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new AssertionError(
                                "device " + device + " " + kind + " at its call " + nth + ": " + e.getMessage(), e);
                    }
                    runs++;
                }
            }
        }
        assertTrue(runs > 100, "only " + runs + " runs");
    }

    private static void failAt(ArrayShape shape, int device, FaultKind kind, int nth, boolean duringOpening)
            throws IOException {
        boolean isJournal = device == shape.disks();
        SweptArray swept = new SweptArray(shape, isJournal);
        kind.plan(swept.plan(device), nth);
        RaidArray array;
        try {
            array = swept.open();
        } catch (IOException e) {
            // The opening may be refused because of the failure; the content of the devices must still be correct.
            assertTrue(duringOpening, e.getMessage());
            swept.checkAllDevicesBack();
            return;
        }
        swept.work(array, isJournal);
        swept.model().checkAnswered(array);
        try {
            array.close();
        } catch (IOException e) {
            assertTrue(isJournal, "close: " + e.getMessage());
        }
        boolean expected = kind.costsTheMember() && !isJournal && swept.hasFailed(device);
        List<Integer> givenUp = swept.givenUp(array);
        assertTrue(!expected || givenUp.contains(device), "the member is still in the array");
        assertEquals(Integer.toString(givenUp.size()), array.attributes().get("degraded"));
        swept.checkIsOnRecord(array);
        swept.crashAnywhere(CRASHES_EACH, 31L * kind.name().hashCode() + 1000L * device + nth);
        swept.checkWhatIsLeft(givenUp, false);
    }
}
