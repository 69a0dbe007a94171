package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails at every event of a workload on arrays with a write-intent bitmap or a partial parity log. Time passes
 * between the writes, so that the array becomes clean and bits are cleared. The parity of stripes that the resync
 * skips, because of the bitmap or the log, must be correct.
 */
class PolicyCrashTest {
    private static final int ALL_SUBSETS_UP_TO = 3;
    private static final int RANDOM_FATES = 2;

    static Stream<PolicyShape> shapes() {
        return Stream.of(policies())
                .flatMap(feature -> Stream.of(ParityLayout.forLevel(5).get(2))
                        .flatMap(layout -> Stream.of(
                                new PolicyShape(layout, 3, 16, 4, feature, Superblock.IN_SYNC),
                                new PolicyShape(layout, 4, 8, 5, feature, Superblock.IN_SYNC),
                                new PolicyShape(layout, 4, 16, 4, feature, 0))));
    }

    private static Integer[] policies() {
        return new Integer[] {Features.BITMAP, Features.PPL, Features.MULTIPLE_PPLS};
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashIsRecovered(PolicyShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer);
        runWorkload(shape, array, model, timer);
        array.close();
        CrashStates states = new CrashStates(trace, ALL_SUBSETS_UP_TO, RANDOM_FATES, 17);
        long count = states.forEach(
                new Thinning(3),
                state -> RecoveredTwice.check(
                        state, (found, crashedAt) -> checkRecovered(shape, model, found, crashedAt)));
        assertTrue(count > 100, "only " + count + " states");
    }

    /**
     * The same with each member missing after the crash. With partial parity logs every block that was not being
     * written can still be solved, or the array is refused because its content is in doubt.
     */
    @ParameterizedTest
    @MethodSource("loggedShapes")
    void aMemberLostInTheCrashLosesNoBlockThatWasNotBeingWritten(PolicyShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer);
        runWorkload(shape, array, model, timer);
        array.close();
        int[] opened = new int[1];
        long count = new CrashStates(trace, 2, 1, 18).forEach(new Thinning(3), state -> {
            for (int lost = 0; lost < shape.disks(); lost++) {
                List<CrashDisk> left = new ArrayList<>(state.disks(CrashTrace.notRecording()));
                left.remove(lost);
                opened[0] += openDegraded(left, model, state.prefixLength()) ? 1 : 0;
            }
        });
        assertTrue(opened[0] > count * shape.disks() / 2, opened[0] + " of " + count * shape.disks() + " opened");
    }

    static Stream<PolicyShape> loggedShapes() {
        return shapes().filter(shape -> shape.feature() == Features.PPL && shape.resyncOffset() != 0);
    }

    private static boolean openDegraded(List<CrashDisk> left, VolumeModel model, int crashedAt) throws IOException {
        RaidArray degraded;
        try {
            degraded = PolicyShape.open(
                    left, new ManualTimer(), AssembleOptions.defaults().withRun(true));
        } catch (ArrayRefusedException e) {
            assertEquals(ArrayRefusedException.Reason.UNSAFE, e.reason(), e.getMessage());
            return false;
        }
        model.checkSettled(degraded, crashedAt);
        degraded.close();
        return true;
    }

    /** Writes of every plan, with pauses in which the array becomes clean and bits become idle and are cleared. */
    static void runWorkload(PolicyShape shape, RaidArray array, VolumeModel model, ManualTimer timer)
            throws IOException {
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        int chunkBytes = shape.geometry().chunkBytes();
        model.write(array, 0, rowBytes);
        model.write(array, rowBytes, 4096);
        timer.pass(300);
        model.write(array, 100, 700);
        model.flush(array);
        timer.pass(5000);
        model.write(array, rowBytes + chunkBytes - 1000, 3000);
        timer.pass(5000);
        model.write(array, rowBytes, 4096);
        model.write(array, 2L * rowBytes - 4096, 8192);
        timer.pass(11_000);
        model.zero(array, 4096, 2 * rowBytes);
        model.write(array, rowBytes + 512, 512);
        timer.pass(6_000);
        model.write(array, rowBytes + 512, 512);
        model.flush(array);
        model.write(array, 3L * rowBytes, rowBytes);
        model.write(array, 3L * rowBytes + 4096, 4096);
    }

    private static boolean checkRecovered(PolicyShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        RaidArray array = openAsTheUserWould(disks);
        model.check(array, crashedAt);
        array.close();
        assertEquals(-1, shape.wrongParity(disks), "member sector with wrong parity");
        return true;
    }

    /**
     * A crash between two superblock writes, after a pause of more than 10 s, looks like an older image of a member:
     * the array is refused, and {@code --force} shows all durable writes.
     */
    private static RaidArray openAsTheUserWould(List<CrashDisk> disks) throws IOException {
        try {
            return PolicyShape.open(disks, new ManualTimer());
        } catch (ArrayRefusedException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.contains("events") && message.contains("was last written at"), message);
            return PolicyShape.open(
                    disks, new ManualTimer(), AssembleOptions.defaults().withForce(true));
        }
    }
}
