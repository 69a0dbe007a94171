package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/** A device that does what the device beneath it does, but for what a test changes. */
public abstract class PassThroughDevice implements BlockDevice {
    protected final BlockDevice device;

    protected PassThroughDevice(BlockDevice device) {
        this.device = device;
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
    public int logicalBlockBytes() {
        return device.logicalBlockBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
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
