package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** A device that has something done just before each write that starts in some range. */
final class HookedDevice implements BlockDevice {
    /** What is done. */
    interface Hook {
        void run() throws IOException;
    }

    private final BlockDevice device;
    private final Hook hook;
    private long fromBytes = Long.MAX_VALUE;
    private long endBytes = Long.MAX_VALUE;
    private boolean inside;

    HookedDevice(BlockDevice device, Hook hook) {
        this.device = device;
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
    public String name() {
        return device.name();
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        // What the hook itself writes does not call it again.
        if (offsetBytes >= fromBytes && offsetBytes < endBytes && !inside) {
            inside = true;
            try {
                hook.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                inside = false;
            }
        }
        device.write(offsetBytes, source);
    }

    @Override
    public void flush() throws DeviceException {
        device.flush();
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        return device.trim(offsetBytes, lengthBytes);
    }

    @Override
    public void close() throws DeviceException {
        device.close();
    }
}
