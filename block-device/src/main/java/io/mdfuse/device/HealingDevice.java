package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An image with holes ({@link HoledDevice}) whose holes are being filled. Only holes can be written, so no byte that
 * was rescued is ever overwritten. A hole that was written stays a hole until a flush:
 *
 * <pre>
 *               write                 flush: 1 the image is flushed, 2 the record is replaced
 *   hole ──────────────────▶ written ─────────────────────────────────────────────────────────▶ readable
 *    ▲                          │ a crash, or a flush that fails
 *    └──────────────────────────┘
 * </pre>
 *
 * A crash before the record is durable leaves the record in force that calls the range a hole, whatever the image has
 * there; a crash after it leaves bytes that are on the medium. Closing this closes the device below.
 */
public final class HealingDevice extends ForwardingDevice {
    private final HoleRecord record;
    private final RankedLock lock = new RankedLock(LockRank.HEALED_HOLES);
    /** What was written and is not on record; used under the lock. */
    private final List<ByteRanges.Range> written = new ArrayList<>();

    private volatile HoledDevice readable;

    /**
     * Shows {@code below} with these holes.
     *
     * @param record has these holes; it is replaced at each flush after a write
     */
    public HealingDevice(BlockDevice below, ByteRanges holes, HoleRecord record) {
        super(below);
        this.record = record;
        this.readable = new HoledDevice(below, below.sizeBytes(), holes);
    }

    @Override
    public ByteRanges unreadable() {
        return readable.unreadable();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        readable.read(offsetBytes, target);
    }

    /**
     * Fills a hole or a part of one.
     *
     * @throws DeviceException also if any of the bytes is no hole
     */
    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        long lengthBytes = source.byteSize();
        try (RankedLock.Held _ = lock.acquire()) {
            if (readable.unreadable().within(offsetBytes, lengthBytes).totalBytes() < lengthBytes) {
                throw new DeviceException(
                        name(), "write", offsetBytes, lengthBytes, "what was read of an image is not written");
            }
            device.write(offsetBytes, source);
            written.add(new ByteRanges.Range(offsetBytes, offsetBytes + lengthBytes));
        }
    }

    /** Makes what was written durable, then puts it on record, then lets it be read. */
    @Override
    public void flush() throws DeviceException {
        try (RankedLock.Held _ = lock.acquire()) {
            device.flush();
            if (!written.isEmpty()) {
                ByteRanges left = readable.unreadable().without(ByteRanges.of(written));
                record.store(left);
                readable = new HoledDevice(device, device.sizeBytes(), left);
                written.clear();
            }
        }
    }

    /** Returns false: a hole is filled, never discarded. */
    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) {
        return trim(offsetBytes, lengthBytes);
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        readable.prefetch(offsetBytes, lengthBytes);
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        readable.evict(offsetBytes, lengthBytes);
    }
}
