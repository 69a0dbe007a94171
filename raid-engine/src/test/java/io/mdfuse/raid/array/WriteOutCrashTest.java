package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Power fails at every event of a workload whose write-outs follow each other without a flush of the members between
 * them: each request waits for a cache slot, and the log has space to spare. The members are flushed only when the tail
 * moves, for all batches before it.
 */
class WriteOutCrashTest {
    private static final int JOURNAL_BLOCKS = 90;
    private static final int SLOTS = 16;
    /** With more than three quarters of the slots in use a batch begins. */
    private static final int FIRST_BATCH = 13;

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
        assertTrue(checkStates(shape, trace, model) > 300);
    }

    private static long checkStates(ArrayShape shape, CrashTrace trace, VolumeModel model) throws IOException {
        return new CrashStates(trace, 0, 1, 17)
                .forEach(state -> RecoveredTwice.check(state, (found, crashedAt) -> {
                    RaidArray again = shape.open(found);
                    model.check(again, crashedAt);
                    again.close();
                    assertEquals(-1, shape.wrongParity(found), "member sector with wrong parity");
                    return true;
                }));
    }

    /**
     * The first batch is held at its first write to a member until a second batch, of a request that waits for a cache
     * slot, writes to the members as well.
     */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyCrashDuringTwoBatchesAtOnceIsRecovered() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 16, 300, Superblock.IN_SYNC, true);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, false, 42);
        Gate gate = new Gate();
        List<BlockDevice> devices = new ArrayList<>();
        for (CrashDisk disk : disks) {
            devices.add(disk == disks.getLast() ? disk : gate.before(disk));
        }
        AssembleOptions options = AssembleOptions.defaults().withStripeCacheSize(SLOTS);
        ArrayRuntime runtime = new ArrayRuntime(
                InstantSource.fixed(Instant.EPOCH),
                Executors.newSingleThreadScheduledExecutor(),
                Executors.newCachedThreadPool(),
                new Random(1),
                2);
        RaidArray array = ArrayAssembler.assemble(devices, null, options, runtime);
        array.setAttribute("journal_mode", "write-back");
        gate.armed = true;
        int stripesInRow = 2;
        int blocksInRow = 6;
        for (int stripe = 0; stripe < SLOTS + 3; stripe++) {
            // One block of each stripe. The request behind the last free slot waits.
            int block = stripe / stripesInRow * blocksInRow + stripe % stripesInRow;
            model.write(array, block * 4096L, 4096);
            if (stripe == FIRST_BATCH - 1) {
                gate.awaitFirst();
            } else if (stripe % 8 == 7) {
                model.flush(array);
            }
        }
        array.close();
        assertEquals(0, gate.second.getCount(), "there was one batch at a time");
        assertTrue(checkStates(shape, trace, model) > 300);
    }

    /** Holds the first thread that writes to a member until another thread does. */
    private static final class Gate {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch second = new CountDownLatch(1);
        private volatile boolean armed;
        private @Nullable Thread first;

        private BlockDevice before(BlockDevice member) {
            return new ForwardingDevice(member) {
                @Override
                public void write(long offsetBytes, MemorySegment source) throws DeviceException {
                    if (armed && offsetBytes >= Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS)) {
                        arrive();
                    }
                    super.write(offsetBytes, source);
                }
            };
        }

        private void arrive() {
            synchronized (this) {
                first = first == null ? Thread.currentThread() : first;
            }
            arrived.countDown();
            if (Thread.currentThread() == first) {
                await(second);
            } else {
                second.countDown();
            }
        }

        private void awaitFirst() {
            await(arrived);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("a batch did not come", e);
            }
        }
    }
}
