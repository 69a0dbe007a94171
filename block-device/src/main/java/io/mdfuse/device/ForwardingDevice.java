package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/**
 * Forwards each method to another device. A subclass overrides only the methods whose behaviour it changes. So a method
 * added to {@link BlockDevice} later reaches the device below through every subclass. Only {@link #tryWritePastCache}
 * is not forwarded: it would pass by a subclass that changes what a write does.
 */
public abstract class ForwardingDevice implements BlockDevice {
    /** The device below. */
    protected final BlockDevice device;

    /** @param device is closed with this one unless {@link #close} is overridden */
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
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return device.discard(offsetBytes, lengthBytes);
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        device.reserve(offsetBytes, lengthBytes);
    }

    @Override
    public boolean guaranteesSpace() {
        return device.guaranteesSpace();
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
    public boolean waitsForTransfers() {
        return device.waitsForTransfers();
    }

    @Override
    public ByteRanges unreadable() {
        return device.unreadable();
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        device.prefetch(offsetBytes, lengthBytes);
    }

    @Override
    public void beginFlush(long offsetBytes, long lengthBytes) {
        device.beginFlush(offsetBytes, lengthBytes);
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        device.evict(offsetBytes, lengthBytes);
    }

    @Override
    public void expectSmallWrites() {
        device.expectSmallWrites();
    }

    @Override
    public void close() throws DeviceException {
        device.close();
    }
}
