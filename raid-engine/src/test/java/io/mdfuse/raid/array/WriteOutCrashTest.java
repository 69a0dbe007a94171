package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Power fails at every event of a workload whose write-outs follow each other without a flush of the members between
 * them: each request waits for a cache slot, and the log has space to spare. The members are flushed only when the tail
 * moves, for all batches before it.
 */
class WriteOutCrashTest {
    private static final int JOURNAL_BLOCKS = 90;

    @Test
    void everyCrashBetweenWriteOutsIsRecovered() throws IOException {
        ArrayShape shape =
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 6, JOURNAL_BLOCKS, Superblock.IN_SYNC, true);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, false, 42);
        RaidArray array = shape.open(disks);
        int blocks = (int) (shape.geometry().arrayBytes() / 4096);
        for (int i = 0; i < 10; i++) {
            // Other stripes each time, and after a lap the same ones again.
            model.write(array, i * 5 % blocks * 4096L, 4096);
            if (i % 6 == 5) {
                model.flush(array);
            }
        }
        array.close();
        long count = new CrashStates(trace, 0, 1, 17)
                .forEach(state -> RecoveredTwice.check(state, (found, crashedAt) -> {
                    RaidArray again = shape.open(found);
                    model.check(again, crashedAt);
                    again.close();
                    assertEquals(-1, shape.wrongParity(found), "member sector with wrong parity");
                    return true;
                }));
        assertTrue(count > 300, "only " + count + " states");
    }
}
