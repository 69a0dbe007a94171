package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open device with several users, such as the partitions of one disk: an image can't be opened and locked twice.
 * Each user has a {@link #handle()}; the device is closed with the last of them.
 */
public final class SharedDevice {
    private final BlockDevice device;
    private final AtomicInteger users = new AtomicInteger();

    public SharedDevice(BlockDevice device) {
        this.device = device;
    }

    /** The device, for one more user. Closing the handle twice counts once. */
    public BlockDevice handle() {
        users.incrementAndGet();
        return new Handle();
    }

    private final class Handle extends ForwardingDevice {
        private final AtomicBoolean closed = new AtomicBoolean();

        Handle() {
            super(SharedDevice.this.device);
        }

        @Override
        public boolean tryWritePastCache(long offsetBytes, MemorySegment source) throws DeviceException {
            return device.tryWritePastCache(offsetBytes, source);
        }

        @Override
        public void close() throws DeviceException {
            if (closed.compareAndSet(false, true) && users.decrementAndGet() == 0) {
                device.close();
            }
        }
    }
}
