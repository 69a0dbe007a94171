package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * An image with ranges that hold nothing: those that a rescue program could not read (the image has zeros or old bytes
 * there), and what lies behind the end of an image that is cut short. A read that touches one fails like a read of a
 * bad sector, so nothing is ever computed from what the image has there. It is never written. Closing this closes the
 * device below.
 */
public final class HoledDevice extends ForwardingDevice {
    private final long sizeBytes;
    private final ByteRanges holes;

    /**
     * Shows {@code below} with these holes.
     *
     * @param sizeBytes the size of the disk; if the device below is shorter, the rest is a hole
     */
    public HoledDevice(BlockDevice below, long sizeBytes, ByteRanges holes) {
        super(below);
        this.sizeBytes = Math.max(sizeBytes, below.sizeBytes());
        ByteRanges behind = ByteRanges.of(below.sizeBytes(), this.sizeBytes);
        this.holes = below.unreadable().with(holes.within(0, this.sizeBytes)).with(behind);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public ByteRanges unreadable() {
        return holes;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        if (touchesHole(offsetBytes, target.byteSize())) {
            ByteRanges.Range first =
                    holes.within(offsetBytes, target.byteSize()).list().getFirst();
            long at = offsetBytes + first.startBytes();
            String why = at >= device.sizeBytes()
                    ? "the image ends at byte " + device.sizeBytes()
                    : "its map says that " + first.lengthBytes() + " bytes at " + at + " were not read";
            throw new DeviceException(name(), "read", offsetBytes, target.byteSize(), why);
        }
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        throw notWritten("write", offsetBytes, source.byteSize());
    }

    /** Always throws, since it is never written. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        throw notWritten("reserve", offsetBytes, lengthBytes);
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        throw notWritten("trim", offsetBytes, lengthBytes);
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return trim(offsetBytes, lengthBytes);
    }

    private DeviceException notWritten(String verb, long offsetBytes, long lengthBytes) {
        return new DeviceException(
                name(), verb, offsetBytes, lengthBytes, "an image of which parts were not read is not written");
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        if (!touchesHole(offsetBytes, lengthBytes)) {
            device.prefetch(offsetBytes, lengthBytes);
        }
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        if (!touchesHole(offsetBytes, lengthBytes)) {
            device.evict(offsetBytes, lengthBytes);
        }
    }

    private boolean touchesHole(long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        return holes.overlaps(offsetBytes, lengthBytes);
    }
}
