package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A part of a device, such as a partition, as a device of its own. Closing it closes the device. */
public class PartDevice extends ForwardingDevice {
    private final String name;
    private final long startBytes;
    private final long sizeBytes;

    /**
     * Makes a device of {@code sizeBytes} bytes of {@code whole}, from {@code startBytes} on.
     *
     * @param name its name in messages
     * @throws IndexOutOfBoundsException if the range reaches beyond the device
     */
    public PartDevice(BlockDevice whole, String name, long startBytes, long sizeBytes) {
        super(whole);
        Objects.checkFromIndexSize(startBytes, sizeBytes, whole.sizeBytes());
        this.name = name;
        this.startBytes = startBytes;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public final String name() {
        return name;
    }

    /** Where it begins on the device. */
    public final long startBytes() {
        return startBytes;
    }

    @Override
    public final long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public final void read(long offsetBytes, MemorySegment target) throws DeviceException {
        device.read(within(offsetBytes, target.byteSize()), target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        device.write(within(offsetBytes, source.byteSize()), source);
    }

    @Override
    public boolean tryWritePastCache(long offsetBytes, MemorySegment source) throws DeviceException {
        return device.tryWritePastCache(within(offsetBytes, source.byteSize()), source);
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        return device.trim(within(offsetBytes, lengthBytes), lengthBytes);
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return device.discard(within(offsetBytes, lengthBytes), lengthBytes);
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        device.reserve(within(offsetBytes, lengthBytes), lengthBytes);
    }

    /** At most its size; the host does not say which bytes of the image are allocated. */
    @Override
    public final long allocatedBytes() throws DeviceException {
        return Math.min(sizeBytes, device.allocatedBytes());
    }

    @Override
    public final ByteRanges unreadable() {
        return device.unreadable().within(startBytes, sizeBytes);
    }

    @Override
    public final void prefetch(long offsetBytes, long lengthBytes) {
        device.prefetch(within(offsetBytes, lengthBytes), lengthBytes);
    }

    @Override
    public final void beginFlush(long offsetBytes, long lengthBytes) {
        device.beginFlush(within(offsetBytes, lengthBytes), lengthBytes);
    }

    @Override
    public final void evict(long offsetBytes, long lengthBytes) {
        device.evict(within(offsetBytes, lengthBytes), lengthBytes);
    }

    private long within(long offsetBytes, long lengthBytes) {
        return startBytes + Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
    }
}
