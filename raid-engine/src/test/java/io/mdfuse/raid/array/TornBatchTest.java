package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails while a batch is written to the log, and an older batch with the same stripe was committed before. Any
 * part of the newer batch may be on the log, even its meta block without its pages. If members are missing, their
 * blocks can only be solved with the committed batch, and none of these blocks may change.
 */
@Execution(ExecutionMode.CONCURRENT)
class TornBatchTest {
    /** An array, a bit for each slot whose member is missing, and whether it was missing before the writes. */
    private record Case(ArrayShape shape, int missing, boolean fromTheStart) {}

    static Stream<Case> cases() {
        ArrayShape raid5 = shape(ParityLayout.LEFT_SYMMETRIC_5, 4);
        ArrayShape raid4 = shape(ParityLayout.RAID4, 4);
        ArrayShape raid6 = shape(ParityLayout.LEFT_SYMMETRIC_6, 5);
        return Stream.of(true, false)
                .flatMap(fromTheStart -> Stream.of(
                        new Case(raid5, 1, fromTheStart),
                        new Case(raid5, 2, fromTheStart),
                        new Case(raid5, 4, fromTheStart),
                        new Case(raid5, 8, fromTheStart),
                        new Case(raid4, 4, fromTheStart),
                        new Case(raid6, 3, fromTheStart),
                        new Case(raid6, 6, fromTheStart),
                        new Case(raid6, 16, fromTheStart)));
    }

    private static ArrayShape shape(ParityLayout layout, int disks) {
        return new ArrayShape(layout, disks, 8, 2, 40, Superblock.IN_SYNC, false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anEarlierCommittedBatchIsComplete(Case c) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = c.shape().create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, c.shape().geometry().arrayBytes(), 4096, true, 7);
        RaidArray array = c.shape().open(c.fromTheStart() ? left(c, disks) : disks, true);
        model.write(array, 0, (int) c.shape().geometry().arrayBytes());
        int filled = trace.length();
        model.write(array, 0, 4096);
        model.write(array, 4096, 4096);
        model.write(array, 0, 4096);
        array.close();
        long count = new CrashStates(trace, 6, 4, 17)
                .forEach(
                        filled,
                        state -> RecoveredTwice.check(state, (found, crashedAt) -> {
                            RaidArray recovered = c.shape().open(left(c, found), true);
                            model.check(recovered, crashedAt);
                            recovered.close();
                            return true;
                        }));
        assertTrue(count > 100, count + " states");
    }

    private static List<CrashDisk> left(Case c, List<CrashDisk> disks) {
        List<CrashDisk> left = new ArrayList<>();
        for (int device = 0; device < disks.size(); device++) {
            if ((c.missing() >> device & 1) == 0) {
                left.add(disks.get(device));
            }
        }
        return left;
    }
}
