package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The timer's thread only starts tasks on the workers: it does not read, write or flush a device, because a device that
 * hangs would stop all timed tasks.
 */
class TimerThreadTest {
    private static final ParityLayout LAYOUT = ParityLayout.LEFT_SYMMETRIC_5;
    private static final ArrayShape PLAIN = new ArrayShape(LAYOUT, 3, 16, 4, 0, Superblock.IN_SYNC, false);
    private static final ArrayShape JOURNALED = new ArrayShape(LAYOUT, 3, 16, 4, 40, Superblock.IN_SYNC, true);
    private static final PolicyShape BITMAP = new PolicyShape(LAYOUT, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);
    private static final PolicyShape PPL = new PolicyShape(LAYOUT, 3, 16, 8, Features.PPL, Superblock.IN_SYNC);
    private static final String TIMER_THREAD = "timer of the test";
    private static final long LONGEST_MILLIS = 20_000;

    private final Queue<String> ioOnTheTimer = new ConcurrentLinkedQueue<>();

    /** Records the calls to the device on the timer's thread. */
    private final class WatchedDevice extends ForwardingDevice {
        WatchedDevice(BlockDevice device) {
            super(device);
        }

        private void note(String action) {
            if (Thread.currentThread().getName().equals(TIMER_THREAD)) {
                ioOnTheTimer.add(action + " of " + name());
            }
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws DeviceException {
            note("read");
            device.read(offsetBytes, target);
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) throws DeviceException {
            note("write");
            device.write(offsetBytes, source);
        }

        @Override
        public void flush() throws DeviceException {
            note("flush");
            device.flush();
        }

        @Override
        public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
            note("trim");
            return device.trim(offsetBytes, lengthBytes);
        }

        @Override
        public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
            note("discard");
            return device.discard(offsetBytes, lengthBytes);
        }
    }

    /** A timer thread on which every delay is a hundred times shorter. */
    private static final class QuickTimer extends ScheduledThreadPoolExecutor {
        QuickTimer() {
            super(1, task -> new Thread(task, TIMER_THREAD));
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return super.schedule(command, unit.toMicros(delay) / 100, TimeUnit.MICROSECONDS);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(
                Runnable command, long initialDelay, long delay, TimeUnit unit) {
            return super.scheduleWithFixedDelay(
                    command, unit.toMicros(initialDelay) / 100, unit.toMicros(delay) / 100, TimeUnit.MICROSECONDS);
        }
    }

    private RaidArray open(List<CrashDisk> disks) throws IOException {
        List<WatchedDevice> watched = new ArrayList<>();
        disks.forEach(disk -> watched.add(new WatchedDevice(disk)));
        ArrayRuntime runtime = new ArrayRuntime(
                InstantSource.system(), new QuickTimer(), Executors.newCachedThreadPool(), new Random(1), 2);
        return ArrayShape.hurrying(ArrayAssembler.assemble(watched, null, AssembleOptions.defaults(), runtime));
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        for (long waited = 0; !condition.call(); waited += 5) {
            if (waited > LONGEST_MILLIS) {
                throw new AssertionError("not seen: " + what);
            }
            Thread.sleep(5);
        }
    }

    private static void awaitClean(RaidArray array) throws Exception {
        await("clean", () -> Rebuilds.attribute(array, "array_state").equals("clean"));
    }

    /** Fails a member, has the spare rebuilt, and closes the array: no device was touched on the timer's thread. */
    private void assertASpareStepsInOffTheTimer(RaidArray array, byte[] content, CrashDisk spare) throws Exception {
        failWithSpare(array, spare);
        Rebuilds.assertReads(array, content, "rebuilt");
        array.close();
        assertEquals(List.of(), List.copyOf(ioOnTheTimer));
    }

    /** After a member has failed, a spare takes its slot by a timed task. */
    private void failWithSpare(RaidArray array, CrashDisk spare) throws IOException {
        Rebuilds.manager(array).add(new WatchedDevice(spare), false);
        Rebuilds.manager(array).fail("disk1", false);
        Rebuilds.awaitWhole(array);
    }

    private static byte[] write(RaidArray array) throws IOException {
        byte[] content = new byte[(int) array.sizeBytes()];
        Rebuilds.write(array, content, 0, content.length, new Random(1));
        return content;
    }

    @Test
    void anArrayWithoutAJournal() throws Exception {
        CrashTrace trace = CrashTrace.notRecording();
        RaidArray array = open(PLAIN.create(trace));
        byte[] content = write(array);
        awaitClean(array);
        assertASpareStepsInOffTheTimer(array, content, Rebuilds.blank(PLAIN, "spare", trace));
    }

    @Test
    void anArrayWithABitmap() throws Exception {
        CrashTrace trace = CrashTrace.notRecording();
        List<CrashDisk> disks = BITMAP.create(trace);
        RaidArray array = open(disks);
        byte[] content = write(array);
        awaitClean(array);
        await("no bit", () -> BITMAP.bits(disks.get(0)).equals(new BitSet()));
        assertASpareStepsInOffTheTimer(array, content, BITMAP.blank("spare", trace));
    }

    @Test
    void anArrayWithAPartialParityLog() throws Exception {
        CrashTrace trace = CrashTrace.notRecording();
        RaidArray array = open(PPL.create(trace));
        byte[] content = write(array);
        awaitClean(array);
        assertASpareStepsInOffTheTimer(array, content, PPL.blank("spare", trace));
    }

    @Test
    void anArrayWithAJournal() throws Exception {
        CrashTrace trace = CrashTrace.notRecording();
        RaidArray array = open(JOURNALED.create(trace));
        array.setAttribute("journal_mode", "write-back");
        byte[] content = write(array);
        assertASpareStepsInOffTheTimer(array, content, Rebuilds.blank(JOURNALED, "spare", trace));
    }
}
