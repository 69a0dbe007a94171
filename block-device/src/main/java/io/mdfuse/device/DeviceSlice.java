package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/**
 * A read-only view of a part of a device: a partition that is looked at, or an image without the bytes behind the end
 * of the disk. The device must stay open as long as the slice is used; closing the slice does not close it.
 */
public final class DeviceSlice extends PartDevice {
    /**
     * Creates a view of {@code sizeBytes} bytes of {@code whole}, from {@code startBytes} on.
     *
     * @throws IndexOutOfBoundsException if the range reaches beyond the device
     */
    public DeviceSlice(BlockDevice whole, long startBytes, long sizeBytes) {
        super(whole, whole.name(), startBytes, sizeBytes);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        throw new DeviceException(name(), "write", offsetBytes, source.byteSize(), "this part of it is only read");
    }

    @Override
    public boolean tryWritePastCache(long offsetBytes, MemorySegment source) {
        return false;
    }

    /** Always throws, since the slice is read-only. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        throw new DeviceException(name(), "reserve", offsetBytes, lengthBytes, "this part of it is only read");
    }

    @Override
    public void flush() {}

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) {
        return trim(offsetBytes, lengthBytes);
    }

    @Override
    public void close() {}
}
