package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Shows a device that is shorter than its superblock says with the full size. Each request behind the real end fails
 * with a {@link DeviceException}, like a request to a bad sector. Closing this does not close the device below.
 */
public final class CutShortDevice extends ForwardingDevice {
    private final long sizeBytes;

    /**
     * Shows {@code below} with a size of {@code sizeBytes}.
     *
     * @param sizeBytes the full size; the device's own size is used if that is larger
     */
    public CutShortDevice(BlockDevice below, long sizeBytes) {
        super(below);
        this.sizeBytes = Math.max(sizeBytes, below.sizeBytes());
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public ByteRanges unreadable() {
        return device.unreadable().with(ByteRanges.of(device.sizeBytes(), sizeBytes));
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        requireThere("read", offsetBytes, target.byteSize());
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        requireThere("write", offsetBytes, source.byteSize());
        device.write(offsetBytes, source);
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        requireThere("trim", offsetBytes, lengthBytes);
        return device.trim(offsetBytes, lengthBytes);
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        requireThere("discard", offsetBytes, lengthBytes);
        return device.discard(offsetBytes, lengthBytes);
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        requireThere("reserve", offsetBytes, lengthBytes);
        device.reserve(offsetBytes, lengthBytes);
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        if (isThere(offsetBytes, lengthBytes)) {
            device.prefetch(offsetBytes, lengthBytes);
        }
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        if (isThere(offsetBytes, lengthBytes)) {
            device.evict(offsetBytes, lengthBytes);
        }
    }

    @Override
    public void close() {}

    private boolean isThere(long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        return offsetBytes + lengthBytes <= device.sizeBytes();
    }

    private void requireThere(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (!isThere(offsetBytes, lengthBytes)) {
            throw new DeviceException(
                    name(), verb, offsetBytes, lengthBytes, "the device ends at byte " + device.sizeBytes());
        }
    }
}
