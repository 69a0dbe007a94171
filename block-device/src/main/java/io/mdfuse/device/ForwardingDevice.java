package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/**
 * A device over another one, which it asks for everything. A class that changes something overrides those methods; what
 * it does not mention, such as a method that {@link BlockDevice} gains later, reaches the device beneath.
 */
public abstract class ForwardingDevice implements BlockDevice {
    /** The device beneath. */
    protected final BlockDevice device;

    /** Forwards to {@code device}, which is closed with this one unless {@link #close} is overridden. */
    protected ForwardingDevice(BlockDevice device) {
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
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        device.reserve(offsetBytes, lengthBytes);
    }

    @Override
    public boolean promisesRoom() {
        return device.promisesRoom();
    }

    @Override
    public long allocatedBytes() throws DeviceException {
        return device.allocatedBytes();
    }

    @Override
    public boolean isImageFile() {
        return device.isImageFile();
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        device.prefetch(offsetBytes, lengthBytes);
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        device.evict(offsetBytes, lengthBytes);
    }

    @Override
    public void close() throws DeviceException {
        device.close();
    }
}
