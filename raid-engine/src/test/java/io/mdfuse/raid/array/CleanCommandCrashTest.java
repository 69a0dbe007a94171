package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power fails at every event of a workload in which {@code array_state} is set to clean right after writes: while the
 * members have not flushed them, and while a write-back cache holds stripes that are in the log only.
 */
class CleanCommandCrashTest {
    private static void workload(RaidArray array, VolumeModel model, int rowBytes) throws IOException {
        for (int i = 0; i < 2; i++) {
            model.write(array, (long) i * rowBytes, rowBytes);
            model.write(array, (long) i * rowBytes + 4096, 4096);
            array.setAttribute("array_state", "clean");
            assertEquals("clean", Rebuilds.attribute(array, "array_state"));
            model.write(array, (long) i * rowBytes + 8192, 4096);
            if (i == 1) {
                model.flush(array);
                array.setAttribute("array_state", "clean");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Features.BITMAP, Features.PPL})
    void theMembersAreFlushedBeforeTheMark(int feature) throws IOException {
        PolicyShape shape = new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, feature, Superblock.IN_SYNC);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        RaidArray array = PolicyShape.open(disks, new ManualTimer());
        workload(array, model, (int) (shape.geometry().rowSectors() * 512));
        array.close();
        long count = new CrashStates(trace, 2, 1, 17)
                .forEach(state -> RecoveredTwice.check(state, (found, at) -> {
                    RaidArray again = PolicyShape.open(found, new ManualTimer());
                    model.check(again, at);
                    again.close();
                    assertEquals(-1, shape.wrongParity(found), "member sector with wrong parity");
                    return true;
                }));
        assertTrue(count > 100, "only " + count + " states");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLogStillHoldsWhatTheMembersLack(boolean writeBack) throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 6, 90, Superblock.IN_SYNC, writeBack);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, !writeBack, 42);
        RaidArray array = shape.open(disks);
        workload(array, model, (int) (shape.geometry().rowSectors() * 512));
        array.close();
        long count = new CrashStates(trace, 0, 1, 17)
                .forEach(state -> RecoveredTwice.check(state, (found, at) -> {
                    RaidArray again = shape.open(found);
                    model.check(again, at);
                    again.close();
                    assertEquals(-1, shape.wrongParity(found), "member sector with wrong parity");
                    return true;
                }));
        assertTrue(count > 100, "only " + count + " states");
    }
}
