package io.mdfuse.journal;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A device on which each write and each flush waits for a permit from the test. It counts both. */
final class GatedDevice extends ForwardingDevice {
    private static final int OPEN = 1 << 30;

    final Semaphore writes = new Semaphore(OPEN);
    final Semaphore flushes = new Semaphore(OPEN);
    final AtomicInteger writesBegun = new AtomicInteger();
    final AtomicInteger flushesBegun = new AtomicInteger();

    GatedDevice(BlockDevice device) {
        super(device);
    }

    /** Blocks all calls from now on. */
    void close(Semaphore gate) {
        gate.drainPermits();
    }

    /** Lets the waiting calls and all later ones continue. */
    void open(Semaphore gate) {
        gate.release(OPEN);
    }

    /** Waits until {@code count} calls have begun in all. */
    static void await(AtomicInteger begun, int count) throws InterruptedException {
        while (begun.get() < count) {
            Thread.sleep(1);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        writesBegun.incrementAndGet();
        writes.acquireUninterruptibly();
        device.write(offsetBytes, source);
    }

    @Override
    public void flush() throws DeviceException {
        flushesBegun.incrementAndGet();
        flushes.acquireUninterruptibly();
        device.flush();
    }
}
