package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A read-only view of a part of a device: a partition, or an image without the bytes behind the end of the disk. The
 * device must stay open as long as the slice is used; closing the slice does not close it.
 */
public final class DeviceSlice extends ForwardingDevice {
    private final long startBytes;
    private final long sizeBytes;

    /**
     * Creates a view of {@code sizeBytes} bytes of {@code whole}, from {@code startBytes} on.
     *
     * @throws IndexOutOfBoundsException if the range reaches beyond the device
     */
    public DeviceSlice(BlockDevice whole, long startBytes, long sizeBytes) {
        super(whole);
        Objects.checkFromIndexSize(startBytes, sizeBytes, whole.sizeBytes());
        this.startBytes = startBytes;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes);
        device.read(startBytes + offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        throw new DeviceException(name(), "write", offsetBytes, source.byteSize(), "this part of it is only read");
    }

    /** Always throws, since the slice is read-only. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        throw new DeviceException(name(), "reserve", offsetBytes, lengthBytes, "this part of it is only read");
    }

    @Override
    public long allocatedBytes() throws DeviceException {
        return Math.min(sizeBytes, device.allocatedBytes());
    }

    @Override
    public void flush() {}

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        device.prefetch(startBytes + offsetBytes, lengthBytes);
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        device.evict(startBytes + offsetBytes, lengthBytes);
    }

    @Override
    public void close() {}
}
