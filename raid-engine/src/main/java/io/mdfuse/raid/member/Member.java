package io.mdfuse.raid.member;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.RecoveryPosition;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One device of a slot, seen from where its data starts.
 *
 * <pre>
 *   REBUILDING ──nowInSync()──▶ IN_SYNC
 *       │                            │
 *       └─────────── fail() ─────────┴──▶ FAULTY      (there is no way back while the array is open)
 * </pre>
 *
 * In sync, every block reads as last written. Rebuilding, those below {@link #recoveryPosition} do, and all are
 * written. Faulty, it is neither read nor written any more. Blocks that its {@linkplain BadBlocks bad-block log} lists
 * are written like all others, and are lost until they were.
 */
public final class Member {
    private final int slot;
    private final int deviceNumber;
    private final BlockDevice device;
    private final long dataOffsetBytes;
    private final BadBlocks badBlocks;
    private final AtomicLong correctedErrors = new AtomicLong();
    private volatile RecoveryPosition recoveryPosition;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean faulty;
    private volatile boolean retired;
    private volatile boolean refusesRewrites;

    /**
     * A member in sync, whose device number is its slot.
     *
     * @param slot its place in the array's layout, from 0
     * @param dataOffsetBytes where its data starts on the device (the superblock's data_offset)
     */
    public Member(int slot, BlockDevice device, long dataOffsetBytes) {
        this(slot, slot, device, dataOffsetBytes, BadBlocks.withoutLog(), RecoveryPosition.inSync());
    }

    private Member(
            int slot,
            int deviceNumber,
            BlockDevice device,
            long dataOffsetBytes,
            BadBlocks badBlocks,
            RecoveryPosition recoveryPosition) {
        this.badBlocks = badBlocks;
        this.slot = slot;
        this.deviceNumber = deviceNumber;
        this.device = device;
        this.dataOffsetBytes = dataOffsetBytes;
        this.recoveryPosition = recoveryPosition;
    }

    /** A member that holds all of its slot. */
    public static Member inSync(
            int slot, int deviceNumber, BlockDevice device, long dataOffsetBytes, BadBlocks badBlocks) {
        return new Member(slot, deviceNumber, device, dataOffsetBytes, badBlocks, RecoveryPosition.inSync());
    }

    /** A member that holds its slot up to a position. */
    public static Member of(
            int slot,
            int deviceNumber,
            BlockDevice device,
            long dataOffsetBytes,
            BadBlocks badBlocks,
            RecoveryPosition recoveryPosition) {
        return new Member(slot, deviceNumber, device, dataOffsetBytes, badBlocks, recoveryPosition);
    }

    /** Its index into the superblocks' role table. */
    public int deviceNumber() {
        return deviceNumber;
    }

    /** How much of its slot it holds. */
    public RecoveryPosition recoveryPosition() {
        return recoveryPosition;
    }

    /** It holds all stripes below this one; the rebuild says so while it holds the last of them. */
    public void recoveredTo(long stripeSector) {
        recoveryPosition = RecoveryPosition.at(stripeSector);
    }

    /** It holds everything. */
    public void nowInSync() {
        recoveryPosition = RecoveryPosition.inSync();
    }

    /** True where it can be asked for the stripes below {@code endStripeSector}. */
    boolean holdsUpTo(long endStripeSector) {
        return !faulty && recoveryPosition.hasPassed(endStripeSector);
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
        return !faulty && recoveryPosition.isInSync();
    }

    void fail() {
        faulty = true;
    }

    /** Its known bad blocks are no bad sectors but a place that it does not have: none is ever put back there. */
    public void lacksItsBadBlocks() {
        refusesRewrites = true;
    }

    /** A block was put back on it and is not there: with what is known to be bad it is not tried again, as in md. */
    void refusesRewrites() {
        refusesRewrites = true;
    }

    /** True where it makes sense to put a block back that it can't give. */
    public boolean takesRewrites(long memberOffsetBytes, long lengthBytes) {
        return !refusesRewrites || !knowsBad(memberOffsetBytes, lengthBytes);
    }

    /** A block that it could not give was solved, and it has taken that back. */
    public void countCorrectedError() {
        correctedErrors.incrementAndGet();
    }

    /** How many blocks were corrected so far. */
    public long correctedErrors() {
        return correctedErrors.get();
    }

    /** Its bad blocks, by their place on the device. */
    public BadBlocks badBlocks() {
        return badBlocks;
    }

    /** True where its bad-block log says of any of these bytes that they are lost. */
    public boolean knowsBad(long memberOffsetBytes, long lengthBytes) {
        if (badBlocks.isEmpty()) {
            return false;
        }
        long from = (dataOffsetBytes + memberOffsetBytes) / Sectors.BYTES;
        return badBlocks.overlaps(from, endSector(memberOffsetBytes, lengthBytes) - from);
    }

    /** What its bad-block log lists of its data, in sectors from where its data starts. */
    public List<BadRange> listedStripes() {
        long dataOffsetSectors = dataOffsetBytes / Sectors.BYTES;
        return badBlocks.ranges().stream()
                .filter(range -> range.sector() + range.sectors() > dataOffsetSectors)
                .map(range -> {
                    long from = Math.max(range.sector(), dataOffsetSectors);
                    return new BadRange(from - dataOffsetSectors, range.sector() + range.sectors() - from);
                })
                .toList();
    }

    private long endSector(long memberOffsetBytes, long lengthBytes) {
        return Sectors.roundUp(dataOffsetBytes + memberOffsetBytes + lengthBytes, Sectors.BYTES) / Sectors.BYTES;
    }

    /** Notes whole sectors as bad, in memory; false where there is no log, or no room in it. */
    public boolean noteBad(long memberOffsetBytes, long lengthBytes) {
        long from = (dataOffsetBytes + memberOffsetBytes) / Sectors.BYTES;
        return badBlocks.add(from, endSector(memberOffsetBytes, lengthBytes) - from);
    }

    /** Takes note that whole sectors are on the medium; of a sector that was covered in part nothing is known. */
    void noteGood(long memberOffsetBytes, long lengthBytes) {
        long from = Sectors.roundUp(dataOffsetBytes + memberOffsetBytes, Sectors.BYTES) / Sectors.BYTES;
        long end = (dataOffsetBytes + memberOffsetBytes + lengthBytes) / Sectors.BYTES;
        badBlocks.remove(from, end - from);
    }

    /**
     * Fills {@code target} from so many bytes behind the start of the data; a block that is known to be bad can't be
     * read.
     */
    public void read(long memberOffsetBytes, MemorySegment target) throws DeviceException {
        requireNotKnownBad(memberOffsetBytes, target.byteSize());
        call(() -> device.read(dataOffsetBytes + memberOffsetBytes, target));
        // What was found to be bad while it was read may not be what it should be.
        requireNotKnownBad(memberOffsetBytes, target.byteSize());
    }

    private void requireNotKnownBad(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        if (knowsBad(memberOffsetBytes, lengthBytes)) {
            throw new DeviceException(
                    device.name(), "read", dataOffsetBytes + memberOffsetBytes, lengthBytes, "known bad block");
        }
    }

    /**
     * Sees to it that a write of the range will find room on the host; see {@link BlockDevice#reserve}.
     *
     * @throws NoSpaceException if there is none; also if an earlier write is still waiting for room
     */
    public void reserve(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        call(() -> device.reserve(dataOffsetBytes + memberOffsetBytes, lengthBytes));
    }

    /**
     * Writes {@code source} at so many bytes behind the start of the data. Known bad blocks that it covers are good
     * again when this returns, unless the host has no room for something: what was written there is on the medium then.
     */
    public void write(long memberOffsetBytes, MemorySegment source) throws DeviceException {
        call(() -> device.write(dataOffsetBytes + memberOffsetBytes, source));
        if (knowsBad(memberOffsetBytes, source.byteSize())) {
            try {
                flush();
            } catch (NoSpaceException e) {
                // It is not on the medium yet, so it stays listed, and is solved from the others.
                return;
            }
            noteGood(memberOffsetBytes, source.byteSize());
        }
    }

    /**
     * Writes what a block should hold, has it on the medium, and looks whether it is there. Until that is seen, a known
     * bad block stays one, so that nobody reads anything else meanwhile.
     *
     * @param readBack room for as much
     * @return null where it has the block now; else why it has not
     * @throws DeviceException where it can't be flushed any more
     */
    public @Nullable DeviceException rewrite(long memberOffsetBytes, MemorySegment right, MemorySegment readBack)
            throws DeviceException {
        try {
            reserve(memberOffsetBytes, right.byteSize());
            call(() -> device.write(dataOffsetBytes + memberOffsetBytes, right));
        } catch (DeviceException e) {
            return e;
        }
        try {
            flush();
        } catch (NoSpaceException e) {
            return e;
        }
        try {
            // What the host still has in memory would say nothing about the medium.
            evict(memberOffsetBytes, readBack.byteSize());
            call(() -> device.read(dataOffsetBytes + memberOffsetBytes, readBack));
        } catch (DeviceException e) {
            return e;
        }
        if (readBack.mismatch(right) >= 0) {
            return new DeviceException(
                    device.name(), "read", memberOffsetBytes, right.byteSize(), "it is not what was just written");
        }
        noteGood(memberOffsetBytes, right.byteSize());
        return null;
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
     * Of a faulty member: nobody calls its device from now on. A call that is under way may take so long; false where
     * one still does.
     */
    public boolean retire(long waitMillis) throws InterruptedException {
        retired = true;
        for (long waited = 0; calls.get() > 0 && waited < waitMillis; waited += 10) {
            Thread.sleep(10);
        }
        return calls.get() == 0;
    }
}
