package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
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
 * Power fails at every event of a workload on an array with a journal and with missing members. A member is missing
 * from the start, or fails at the nth of its I/Os, while blocks are cached for write-back or not. No durable write is
 * lost and no block torn; if redundancy is left, any other member may fail afterwards.
 */
@Execution(ExecutionMode.CONCURRENT)
class DegradedCrashTest {
    private static final int ALL_SUBSETS_UP_TO = 2;
    private static final int RANDOM_FATES = 1;

    /** An array, and a bit for each slot whose member is missing. */
    private record Case(ArrayShape shape, int missing) {
        boolean has(int slot) {
            return (missing >> slot & 1) == 0;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 20, Superblock.IN_SYNC, false), 1),
                new Case(new ArrayShape(ParityLayout.LEFT_ASYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, true), 4),
                new Case(new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 24, Superblock.IN_SYNC, false), 8),
                new Case(new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 24, Superblock.IN_SYNC, false), 2),
                new Case(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 5, 32, Superblock.IN_SYNC, false), 1),
                new Case(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 5, 32, Superblock.IN_SYNC, false), 0x12),
                new Case(new ArrayShape(ParityLayout.DDF_N_CONTINUE, 7, 8, 5, 48, Superblock.IN_SYNC, true), 0x40),
                new Case(new ArrayShape(ParityLayout.DDF_N_RESTART, 7, 8, 5, 48, Superblock.IN_SYNC, false), 3),
                new Case(
                        new ArrayShape(ParityLayout.RIGHT_ASYMMETRIC_PLUS_Q, 6, 8, 5, 40, Superblock.IN_SYNC, false),
                        0x20),
                new Case(
                        new ArrayShape(ParityLayout.RIGHT_ASYMMETRIC_PLUS_Q, 6, 8, 5, 40, Superblock.IN_SYNC, false),
                        9));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyCrashOfADegradedArrayIsRecovered(Case c) throws IOException {
        ArrayShape shape = c.shape();
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, true, 42);
        RaidArray array = shape.open(left(c, disks), true);
        CrashEnumerationTest.runWorkload(shape.withWriteBack(false), array, model);
        array.close();
        CrashStates states = new CrashStates(trace, ALL_SUBSETS_UP_TO, RANDOM_FATES, 17);
        long count = states.forEach(
                new Thinning(13),
                state -> RecoveredTwice.check(state, (found, crashedAt) -> {
                    recover(c, left(c, found), model, crashedAt);
                    return true;
                }));
        assertTrue(count > 30, "only " + count + " states");
    }

    private static List<CrashDisk> left(Case c, List<CrashDisk> disks) {
        List<CrashDisk> left = new ArrayList<>();
        for (int device = 0; device < disks.size(); device++) {
            if (c.has(device)) {
                left.add(disks.get(device));
            }
        }
        return left;
    }

    private static void recover(Case c, List<CrashDisk> found, VolumeModel model, int crashedAt) throws IOException {
        RaidArray array = c.shape().open(found, true);
        model.check(array, crashedAt);
        array.close();
        if (Integer.bitCount(c.missing()) < c.shape().layout().parityCount()) {
            checkWithoutAnother(found, model, crashedAt);
        }
    }

    /** The remaining parity matches: another member may fail. */
    private static void checkWithoutAnother(List<CrashDisk> found, VolumeModel model, int crashedAt)
            throws IOException {
        int members = found.size() - 1;
        int gone = crashedAt % members;
        List<CrashDisk> fewer = new ArrayList<>(Rebuilds.reopened(found));
        fewer.remove(gone);
        RaidArray array =
                ArrayShape.open(fewer, null, AssembleOptions.defaults().withRun(true));
        model.check(array, crashedAt);
        array.close();
    }

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 8, 5, 64, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.DDF_N_RESTART, 5, 8, 5, 40, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashAroundAMembersDeathIsRecovered(ArrayShape shape) throws IOException {
        Thinning thinning = new Thinning(101);
        for (int dying = 0; dying < shape.disks(); dying += 2) {
            FaultPlan sound = new FaultPlan(7);
            run(shape, dying, sound);
            int calls = FaultKind.DIES.calls(sound);
            for (int nth = 8; nth < calls; nth += 5) {
                FaultPlan plan = new FaultPlan(7).dieAfter(nth);
                Run run = run(shape, dying, plan);
                String words = "device " + dying + " dies after " + nth;
                new CrashStates(run.trace(), ALL_SUBSETS_UP_TO, RANDOM_FATES, nth).forEach(thinning, state -> {
                    try {
                        RecoveredTwice.check(state, (found, at) -> recoverAll(shape, run.model(), found, at));
                    } catch (IOException | AssertionError e) {
                        throw new AssertionError(words + ": " + e.getMessage(), e);
                    }
                });
            }
        }
        assertTrue(thinning.taken() > 30, "only " + thinning.taken() + " states");
    }

    private record Run(CrashTrace trace, VolumeModel model) {}

    private static Run run(ArrayShape shape, int dying, FaultPlan plan) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        List<BlockDevice> devices = FaultyDevice.among(disks, dying, plan);
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, !shape.writeBack(), 42);
        RaidArray array = shape.open(devices);
        CrashEnumerationTest.runWorkload(shape.withWriteBack(false), array, model);
        array.close();
        return new Run(trace, model);
    }

    /**
     * Opens the array with the failed device, which has its old content. Returns false if the array was refused,
     * because a trim, which is not logged, left blocks in doubt.
     */
    private static boolean recoverAll(ArrayShape shape, VolumeModel model, List<CrashDisk> found, int crashedAt)
            throws IOException {
        RaidArray array;
        try {
            array = shape.open(found, true);
        } catch (ArrayRefusedException e) {
            assertEquals(ArrayRefusedException.Reason.UNSAFE, e.reason(), e.getMessage());
            return false;
        }
        model.check(array, crashedAt);
        array.close();
        return true;
    }
}
