package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.lock.SimulatedThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** A device that calls a hook before each write that starts in a range. */
final class HookedDevice extends ForwardingDevice {
    /** Called before the write. */
    interface Hook {
        void run() throws IOException;
    }

    private final Hook hook;
    private long fromBytes = Long.MAX_VALUE;
    private long endBytes = Long.MAX_VALUE;
    private boolean inside;

    HookedDevice(BlockDevice device, Hook hook) {
        super(device);
        this.hook = hook;
    }

    void arm(long writesFromBytes) {
        arm(writesFromBytes, Long.MAX_VALUE);
    }

    void arm(long writesFromBytes, long writesEndBytes) {
        fromBytes = writesFromBytes;
        endBytes = writesEndBytes;
    }

    void disarm() {
        fromBytes = Long.MAX_VALUE;
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        // A write by the hook itself does not call the hook again.
        if (offsetBytes >= fromBytes && offsetBytes < endBytes && !inside) {
            inside = true;
            try {
                // The hook may use other threads.
                new SimulatedThread().run(hook::run);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                inside = false;
            }
        }
        device.write(offsetBytes, source);
    }
}
