package io.mdfuse.raid.member;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One device of a slot, seen from where its data starts.
 *
 * <pre>
 *   REBUILDING ──nowInSync()──▶ IN_SYNC
 *       │                            │
 *       └─────────── fail() ─────────┴──▶ FAULTY      (there is no way back while the array is open)
 * </pre>
 *
 * In sync, every block reads as last written. Rebuilding, those below {@link #recoveredSectors} do, and all are
 * written. Faulty, it is neither read nor written any more.
 */
public final class Member {
    private final int slot;
    private final int deviceNumber;
    private final BlockDevice device;
    private final long dataOffsetBytes;
    private final AtomicLong correctedErrors = new AtomicLong();
    private volatile long recoveredSectors;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean faulty;
    private volatile boolean retired;

    /**
     * A member in sync, whose device number is its slot.
     *
     * @param slot its place in the array's layout, from 0
     * @param dataOffsetBytes where its data starts on the device (the superblock's data_offset)
     */
    public Member(int slot, BlockDevice device, long dataOffsetBytes) {
        this(slot, slot, device, dataOffsetBytes, Long.MAX_VALUE);
    }

    private Member(int slot, int deviceNumber, BlockDevice device, long dataOffsetBytes, long recoveredSectors) {
        this.slot = slot;
        this.deviceNumber = deviceNumber;
        this.device = device;
        this.dataOffsetBytes = dataOffsetBytes;
        this.recoveredSectors = recoveredSectors;
    }

    /** A member that holds all of its slot. */
    public static Member inSync(int slot, int deviceNumber, BlockDevice device, long dataOffsetBytes) {
        return new Member(slot, deviceNumber, device, dataOffsetBytes, Long.MAX_VALUE);
    }

    /** A member that is rebuilt up to a stripe. */
    public static Member rebuilding(
            int slot, int deviceNumber, BlockDevice device, long dataOffsetBytes, long recoveredSectors) {
        return new Member(slot, deviceNumber, device, dataOffsetBytes, recoveredSectors);
    }

    /** Its index into the superblocks' role table. */
    public int deviceNumber() {
        return deviceNumber;
    }

    /** The first stripe that it does not hold yet; beyond all stripes where it is in sync. */
    public long recoveredSectors() {
        return recoveredSectors;
    }

    /** It holds all stripes below this one; the rebuild says so while it holds the last of them. */
    public void recoveredTo(long stripeSector) {
        recoveredSectors = stripeSector;
    }

    /** It holds everything. */
    public void nowInSync() {
        recoveredSectors = Long.MAX_VALUE;
    }

    /** True where it can be asked for the stripes below {@code endStripeSector}. */
    boolean holdsUpTo(long endStripeSector) {
        return !faulty && endStripeSector <= recoveredSectors;
    }

    /** True where it has failed. */
    public boolean isFaulty() {
        return faulty;
    }

    /** Its place in the array's layout, from 0. */
    public int slot() {
        return slot;
    }

    /** The device as the user named it. */
    public String name() {
        return device.name();
    }

    /** True where it holds everything and has not failed. */
    public boolean inSync() {
        return !faulty && recoveredSectors == Long.MAX_VALUE;
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
        call(() -> device.read(dataOffsetBytes + memberOffsetBytes, target));
    }

    /** Writes {@code source} at so many bytes behind the start of the data. */
    public void write(long memberOffsetBytes, MemorySegment source) throws DeviceException {
        call(() -> device.write(dataOffsetBytes + memberOffsetBytes, source));
    }

    /** Gives a range back; see {@link BlockDevice#trim}. */
    public boolean trim(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        boolean[] trimmed = new boolean[1];
        call(() -> trimmed[0] = device.trim(dataOffsetBytes + memberOffsetBytes, lengthBytes));
        return trimmed[0];
    }

    /** Says that a range will be read soon; see {@link BlockDevice#prefetch}. */
    public void prefetch(long memberOffsetBytes, long lengthBytes) {
        if (!faulty && !retired) {
            device.prefetch(dataOffsetBytes + memberOffsetBytes, lengthBytes);
        }
    }

    /** Has the next read of a range ask the medium; see {@link BlockDevice#evict}. */
    public void evict(long memberOffsetBytes, long lengthBytes) {
        if (!faulty && !retired) {
            device.evict(dataOffsetBytes + memberOffsetBytes, lengthBytes);
        }
    }

    /** Makes all that was written durable. */
    public void flush() throws DeviceException {
        call(device::flush);
    }

    @FunctionalInterface
    private interface Call {
        void run() throws DeviceException;
    }

    private void call(Call call) throws DeviceException {
        calls.incrementAndGet();
        try {
            if (retired) {
                throw new DeviceException(
                        device.name(), "any call", 0, 0, "the device is not part of the array any more");
            }
            call.run();
        } finally {
            calls.decrementAndGet();
        }
    }

    /**
     * Of a faulty member: nobody calls its device from now on. A call that is under way may take so long; false where one
     * still does.
     */
    public boolean retire(long waitMillis) throws InterruptedException {
        retired = true;
        for (long waited = 0; calls.get() > 0 && waited < waitMillis; waited += 10) {
            Thread.sleep(10);
        }
        return calls.get() == 0;
    }
}
