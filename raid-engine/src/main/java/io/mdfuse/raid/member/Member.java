package io.mdfuse.raid.member;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One slot's device, seen from where its data starts.
 *
 * <pre>
 *   IN_SYNC ──fail()──▶ FAULTY      (there is no way back while the array is open)
 * </pre>
 *
 * In sync, every block reads as last written. Faulty, it is neither read nor written any more.
 */
public final class Member {
    private final int slot;
    private final BlockDevice device;
    private final long dataOffsetBytes;
    private final AtomicLong correctedErrors = new AtomicLong();
    private volatile boolean faulty;

    /**
     * A member in sync.
     *
     * @param slot its place in the array's layout, from 0
     * @param dataOffsetBytes where its data starts on the device (the superblock's data_offset)
     */
    public Member(int slot, BlockDevice device, long dataOffsetBytes) {
        this.slot = slot;
        this.device = device;
        this.dataOffsetBytes = dataOffsetBytes;
    }

    /** Its place in the array's layout, from 0. */
    public int slot() {
        return slot;
    }

    /** The device as the user named it. */
    public String name() {
        return device.name();
    }

    /** True until it has failed. */
    public boolean inSync() {
        return !faulty;
    }

    void fail() {
        faulty = true;
    }

    /** A block that it could not give was solved, and it has taken that back. */
    public void countCorrectedError() {
        correctedErrors.incrementAndGet();
    }

    /** How many blocks were corrected so far. */
    public long correctedErrors() {
        return correctedErrors.get();
    }

    /** Fills {@code target} from so many bytes behind the start of the data. */
    public void read(long memberOffsetBytes, MemorySegment target) throws DeviceException {
        device.read(dataOffsetBytes + memberOffsetBytes, target);
    }

    /** Writes {@code source} at so many bytes behind the start of the data. */
    public void write(long memberOffsetBytes, MemorySegment source) throws DeviceException {
        device.write(dataOffsetBytes + memberOffsetBytes, source);
    }

    /** Gives a range back; see {@link BlockDevice#trim}. */
    public boolean trim(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        return device.trim(dataOffsetBytes + memberOffsetBytes, lengthBytes);
    }

    /** Makes all that was written durable. */
    public void flush() throws DeviceException {
        device.flush();
    }
}
