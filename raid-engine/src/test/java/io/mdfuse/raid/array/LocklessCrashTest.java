package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails at every event of a workload on arrays with a lockless bitmap, whose parity is junk where nothing was
 * written. Then the content must be one that the crash can leave, the parity of each chunk that counts as clean must
 * be valid, and what was written must read the same without any members that the level can do without.
 */
@Execution(ExecutionMode.CONCURRENT)
class LocklessCrashTest {
    private int turns;

    static Stream<LocklessShape> shapes() {
        return Stream.of(
                new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 6, 16, 512),
                new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 8, 16, 4096),
                new LocklessShape(ParityLayout.forLevel(6).get(2), 4, 16, 5, 8, 512));
    }

    private static final AssembleOptions RUN = AssembleOptions.defaults().withRun(true);

    /**
     * An array that was recovered and not written since may have superblocks that a crash left one event apart. Force
     * uses them all, whichever is left; what the members hold must be complete in any case.
     */
    private static final AssembleOptions LOOK = RUN.withReadOnly(true).withForce(true);

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashIsRecovered(LocklessShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer);
        runWorkload(shape, array, model, timer);
        array.close();
        long count = new CrashStates(trace, 2, 2, 17)
                .forEach(state -> RecoveredTwice.check(
                        state, (found, crashedAt) -> checkRecovered(shape, model, found, crashedAt)));
        assertTrue(count > 200, "only " + count + " states");
    }

    /** A member is missing from the start; after a crash the array is refused if blocks of it are in doubt. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aDegradedArrayLosesNothingThatIsNotBeingWritten(LocklessShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        disks.remove(1);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 43);
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer, RUN);
        model.write(array, 0, (int) array.sizeBytes());
        model.flush(array);
        runWorkload(shape, array, model, timer);
        array.close();
        int[] opened = new int[1];
        new CrashStates(trace, 2, 1, 18).forEach(state -> {
            List<CrashDisk> left = sameDisks(disks, state.disks(CrashTrace.notRecording()));
            try {
                RaidArray again = PolicyShape.open(left, new ManualTimer(), RUN);
                model.checkSettled(again, state.prefixLength());
                again.close();
                opened[0]++;
            } catch (ArrayRefusedException e) {
                assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
            }
        });
        assertTrue(opened[0] > 20, "only " + opened[0] + " opened");
    }

    /** A spare takes the slot of a missing member while there are writes; what it did not get was never written. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aRebuildLosesNothingWhereverItIsCut(LocklessShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        disks.set(1, shape.spare(trace));
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 44);
        ManualTimer timer = new ManualTimer();
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        RaidArray array = PolicyShape.open(disks, timer, RUN);
        model.write(array, rowBytes, 4096);
        model.write(array, 3 * rowBytes + 512, 1024);
        model.flush(array);
        timer.pass(30_000);
        model.write(array, 4096, 8192);
        model.flush(array);
        array.close();
        assertEquals("0", Rebuilds.attribute(array, "degraded"));
        checkWithoutMembers(shape, model, Rebuilds.reopened(disks), trace.length());
        new CrashStates(trace, 2, 1, 19).forEach(state -> {
            List<CrashDisk> left = sameDisks(disks, state.disks(CrashTrace.notRecording()));
            RaidArray again;
            try {
                again = PolicyShape.open(left, new ManualTimer(), RUN);
            } catch (ArrayRefusedException e) {
                assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
                return;
            }
            again.close();
            if (Rebuilds.attribute(again, "degraded").equals("0")) {
                checkWithoutMembers(shape, model, left, state.prefixLength());
            }
        });
    }

    /** Writes of every plan, with pauses in which chunks are synced and become clean, and trims. */
    static void runWorkload(LocklessShape shape, RaidArray array, VolumeModel model, ManualTimer timer)
            throws IOException {
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        int chunkBytes = shape.geometry().chunkBytes();
        model.write(array, rowBytes, 4096);
        model.write(array, rowBytes + 100, 700);
        timer.pass(300);
        model.flush(array);
        timer.pass(6_000);
        model.write(array, rowBytes, 4096);
        model.write(array, 2 * rowBytes + chunkBytes - 1000, 3000);
        timer.pass(11_000);
        model.write(array, 0, 2 * rowBytes);
        model.flush(array);
        model.discard(array, 4096, 2 * rowBytes);
        model.write(array, rowBytes + 512, 512);
        timer.pass(6_000);
        model.discard(array, 2L * rowBytes, 2 * rowBytes);
        model.flush(array);
        timer.pass(12_000);
        model.write(array, 3L * rowBytes + 512, 512);
        model.flush(array);
    }

    private boolean checkRecovered(LocklessShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        ManualTimer later = new ManualTimer();
        RaidArray array = openAsTheUserWould(disks, later);
        model.check(array, crashedAt);
        if (crashedAt % 2 == 0) {
            later.pass(12_000);
        }
        array.close();
        checkWithoutMembers(shape, model, disks, crashedAt);
        return true;
    }

    /**
     * A closed array shows what was written without members that the level can do without. The states of a crash leave
     * out one after the other in turn, unless every enumeration is to be complete.
     */
    private void checkWithoutMembers(LocklessShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        assertEquals(-1, shape.wrongParity(disks), "member sector with wrong parity in a clean chunk");
        RaidArray complete = PolicyShape.open(copies(disks), new ManualTimer(), LOOK);
        byte[] content = VolumeModel.read(complete);
        complete.close();
        List<Long> written = model.blocksWritten(content, crashedAt);
        int turn = turns++ % disks.size();
        for (int first = 0; first < disks.size(); first++) {
            if (first != turn && !Thinning.takesAll()) {
                continue;
            }
            List<CrashDisk> left = new ArrayList<>(copies(disks));
            left.remove(first);
            if (shape.layout().parityCount() == 2) {
                left.remove(first % left.size());
            }
            RaidArray degraded = PolicyShape.open(left, new ManualTimer(), LOOK);
            byte[] found = VolumeModel.read(degraded);
            degraded.close();
            for (long block : written) {
                int from = (int) block;
                int lost = first;
                assertTrue(
                        Arrays.equals(content, from, from + 4096, found, from, from + 4096),
                        () -> "without member " + lost + " the block at " + block + " has other content");
            }
        }
    }

    /** Those of the crashed disks that the array has, in its order. */
    private static List<CrashDisk> sameDisks(List<CrashDisk> wanted, List<CrashDisk> crashed) {
        return wanted.stream()
                .map(disk -> crashed.stream()
                        .filter(each -> each.name().equals(disk.name()))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    private static List<CrashDisk> copies(List<CrashDisk> disks) {
        return disks.stream().map(PolicyShape::reopen).toList();
    }

    private static RaidArray openAsTheUserWould(List<CrashDisk> disks, ManualTimer timer) throws IOException {
        try {
            return PolicyShape.open(disks, timer);
        } catch (ArrayRefusedException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.contains("events") && message.contains("was last written at"), message);
            return PolicyShape.open(disks, timer, AssembleOptions.defaults().withForce(true));
        }
    }
}
