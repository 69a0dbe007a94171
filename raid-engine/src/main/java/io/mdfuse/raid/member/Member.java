package io.mdfuse.raid.member;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.statistics.DeviceTraffic;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.RecoveryPosition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One device of a slot. Offsets are in bytes from the start of its data area, which is data_offset of its superblock.
 *
 * <pre>
 *   REBUILDING ──nowInSync()──▶ IN_SYNC
 *       │                            │
 *       └─────────── fail() ─────────┴──▶ FAULTY      (there is no way back while the array is open)
 * </pre>
 *
 * IN_SYNC: every block reads as last written. REBUILDING: the blocks below {@link #recoveryPosition} do, and all blocks
 * are written. FAULTY: it is neither read nor written any more. Blocks that its {@linkplain BadBlocks bad-block log}
 * lists are lost until they have been written; they are written like all others.
 *
 * <p>Thread-safe; the order of reads and writes of a stripe is the caller's, by its lease.
 */
public final class Member {
    private static final MemorySegment ZEROS =
            Arena.global().allocate(256 * 1024, Sectors.BLOCK_BYTES).asReadOnly();

    private final int slot;
    private final int deviceNumber;
    private final BlockDevice device;
    private final long dataOffsetBytes;
    private final BadBlocks badBlocks;
    private final AtomicLong correctedErrors = new AtomicLong();
    private final DeviceTraffic traffic = new DeviceTraffic();
    private volatile RecoveryPosition recoveryPosition;
    private final DeviceCalls calls;
    private volatile boolean faulty;
    private volatile boolean refusesRewrites;

    /**
     * Makes a member in sync without a bad-block log, whose device number is its slot.
     *
     * @param slot its place in the array's layout, from 0
     * @param dataOffsetBytes the start of its data on the device: data_offset of the superblock
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
        this.calls = new DeviceCalls(device.name());
        this.dataOffsetBytes = dataOffsetBytes;
        this.recoveryPosition = recoveryPosition;
    }

    /** Makes a member that holds its slot up to a position. */
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

    /** It holds all stripes below this one. The rebuild calls this while it holds the lease of the last of them. */
    public void recoveredTo(long stripeSector) {
        recoveryPosition = RecoveryPosition.at(stripeSector);
    }

    /** It holds everything. */
    public void nowInSync() {
        recoveryPosition = RecoveryPosition.inSync();
    }

    /** Whether it has not failed and holds the stripes below {@code endStripeSector}. */
    boolean holdsUpTo(long endStripeSector) {
        return !faulty && recoveryPosition.hasPassed(endStripeSector);
    }

    /** Whether it has failed. */
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

    /** Whether it holds everything and has not failed. */
    public boolean inSync() {
        return !faulty && recoveryPosition.isInSync();
    }

    void fail() {
        faulty = true;
    }

    /**
     * No block that is listed as bad is put back on it from now on. Called if a block was put back and is not there (md
     * does not try again either), or if the listed blocks lie behind the end of a device that is too short.
     */
    public void refuseRewrites() {
        refusesRewrites = true;
    }

    /** Whether to put a block back that it can't give. */
    public boolean takesRewrites(long memberOffsetBytes, long lengthBytes) {
        return !refusesRewrites || !listsBad(memberOffsetBytes, lengthBytes);
    }

    /** Called when a block that it could not give was solved and written back to it. */
    public void countCorrectedError() {
        correctedErrors.incrementAndGet();
    }

    /** How many blocks were corrected so far. */
    public long correctedErrors() {
        return correctedErrors.get();
    }

    /** What it has read and written in its data area since this object was made. */
    public DeviceTraffic traffic() {
        return traffic;
    }

    /** Its bad blocks, by their position on the device. */
    public BadBlocks badBlocks() {
        return badBlocks;
    }

    /** Whether its bad-block log lists any of these bytes. */
    public boolean listsBad(long memberOffsetBytes, long lengthBytes) {
        if (badBlocks.isEmpty()) {
            return false;
        }
        long from = (dataOffsetBytes + memberOffsetBytes) / Sectors.BYTES;
        return badBlocks.overlaps(from, endSector(memberOffsetBytes, lengthBytes) - from);
    }

    /** Whether its bad-block log lists all of these bytes. */
    public boolean listsAllBad(long memberOffsetBytes, long lengthBytes) {
        long from = (dataOffsetBytes + memberOffsetBytes) / Sectors.BYTES;
        return badBlocks.containsAll(from, endSector(memberOffsetBytes, lengthBytes) - from);
    }

    /** What its bad-block log lists of its data, in sectors from the start of its data. */
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

    /** Lists whole sectors as bad, in memory; returns false if it has no log, or the log is full. */
    public boolean noteBad(long memberOffsetBytes, long lengthBytes) {
        long from = (dataOffsetBytes + memberOffsetBytes) / Sectors.BYTES;
        return badBlocks.add(from, endSector(memberOffsetBytes, lengthBytes) - from);
    }

    /**
     * Takes sectors off the list, in memory, since they are on the medium. A sector that the range covers only in part
     * stays listed.
     */
    void noteGood(long memberOffsetBytes, long lengthBytes) {
        long from = Sectors.roundUp(dataOffsetBytes + memberOffsetBytes, Sectors.BYTES) / Sectors.BYTES;
        long end = (dataOffsetBytes + memberOffsetBytes + lengthBytes) / Sectors.BYTES;
        badBlocks.remove(from, end - from);
    }

    /**
     * Fills {@code target}.
     *
     * @throws DeviceException if the device fails the read, or if any of the bytes are listed as bad
     */
    public void read(long memberOffsetBytes, MemorySegment target) throws DeviceException {
        requireNotListed(memberOffsetBytes, target.byteSize());
        call(() -> device.read(dataOffsetBytes + memberOffsetBytes, target));
        traffic.read(target.byteSize());
        // A block that was listed while it was read may not contain what it should.
        requireNotListed(memberOffsetBytes, target.byteSize());
    }

    private void requireNotListed(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        if (listsBad(memberOffsetBytes, lengthBytes)) {
            throw new DeviceException(
                    device.name(), "read", dataOffsetBytes + memberOffsetBytes, lengthBytes, "known bad block");
        }
    }

    /**
     * Reserves space on the host for a write of the range; see {@link BlockDevice#reserve}.
     *
     * @throws NoSpaceException if the host has no space, or if an earlier write still waits for space
     */
    public void reserve(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        call(() -> device.reserve(dataOffsetBytes + memberOffsetBytes, lengthBytes));
    }

    /**
     * Writes {@code source}. If it covers listed blocks, they are flushed and taken off the list before this returns,
     * unless the host has no space for the flush: they stay listed then.
     */
    public void write(long memberOffsetBytes, MemorySegment source) throws DeviceException {
        call(() -> device.write(dataOffsetBytes + memberOffsetBytes, source));
        traffic.written(source.byteSize());
        if (listsBad(memberOffsetBytes, source.byteSize())) {
            try {
                flush();
            } catch (NoSpaceException e) {
                // The block is not on the medium yet: it stays listed and is solved from the other members.
                return;
            }
            noteGood(memberOffsetBytes, source.byteSize());
        }
    }

    /** As {@link #write}, for a resync or rebuild, whose writes are counted apart. */
    public void writeByPass(long memberOffsetBytes, MemorySegment source) throws DeviceException {
        write(memberOffsetBytes, source);
        traffic.writtenByPass(source.byteSize());
    }

    /**
     * Puts a block back: writes the right content, flushes it, and reads it back from the medium. A listed block stays
     * listed until that has succeeded, so that no read gets anything else meanwhile.
     *
     * @param readBack a buffer of the same size
     * @return null if the member has the block now; otherwise why it has not
     * @throws DeviceException if the flush fails
     */
    public @Nullable DeviceException rewrite(long memberOffsetBytes, MemorySegment right, MemorySegment readBack)
            throws DeviceException {
        try {
            reserve(memberOffsetBytes, right.byteSize());
            call(() -> device.write(dataOffsetBytes + memberOffsetBytes, right));
            traffic.written(right.byteSize());
            traffic.writtenByPass(right.byteSize());
        } catch (DeviceException e) {
            return e;
        }
        try {
            flush();
        } catch (NoSpaceException e) {
            return e;
        }
        try {
            // The read must not be answered from the host's page cache.
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

    /**
     * Trims a range; see {@link BlockDevice#trim}.
     *
     * @return whether the range reads as zeros from now on; if not, nothing has changed
     */
    public boolean trim(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        boolean[] trimmed = new boolean[1];
        call(() -> trimmed[0] = device.trim(dataOffsetBytes + memberOffsetBytes, lengthBytes));
        return trimmed[0];
    }

    /** Makes a range read as zeros: it is trimmed if the device can do that, otherwise zeros are written. */
    public void zero(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        var unused = trimOrWriteZeros(memberOffsetBytes, lengthBytes);
    }

    /** As {@link #zero}, for a rebuild, whose writes are counted apart. */
    public void zeroByPass(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        traffic.writtenByPass(trimOrWriteZeros(memberOffsetBytes, lengthBytes));
    }

    /** Returns how many bytes were written. */
    private long trimOrWriteZeros(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        long endBytes = tryTrim(memberOffsetBytes, lengthBytes) ? memberOffsetBytes : memberOffsetBytes + lengthBytes;
        for (long at = memberOffsetBytes; at < endBytes; at += ZEROS.byteSize()) {
            write(at, ZEROS.asSlice(0, Math.min(ZEROS.byteSize(), endBytes - at)));
        }
        return endBytes - memberOffsetBytes;
    }

    /** False also if a full file system can't even record the hole: the blocks exist then, and zeros can be written. */
    private boolean tryTrim(long memberOffsetBytes, long lengthBytes) throws DeviceException {
        try {
            return trim(memberOffsetBytes, lengthBytes);
        } catch (NoSpaceException e) {
            return false;
        }
    }

    /** Whether each transfer waits for a server; see {@link BlockDevice#waitsForTransfers}. */
    boolean waitsForTransfers() {
        return device.waitsForTransfers();
    }

    private boolean takesHints() {
        return !faulty && !calls.hasEnded();
    }

    /** Announces that a range will be read soon; see {@link BlockDevice#prefetch}. */
    public void prefetch(long memberOffsetBytes, long lengthBytes) {
        if (takesHints()) {
            device.prefetch(dataOffsetBytes + memberOffsetBytes, lengthBytes);
        }
    }

    /** Starts to bring earlier writes of a range to the medium; see {@link BlockDevice#beginFlush}. */
    public void beginFlush(long memberOffsetBytes, long lengthBytes) {
        if (takesHints()) {
            device.beginFlush(dataOffsetBytes + memberOffsetBytes, lengthBytes);
        }
    }

    /** Makes the next read of a range read the medium; see {@link BlockDevice#evict}. */
    public void evict(long memberOffsetBytes, long lengthBytes) {
        if (takesHints()) {
            device.evict(dataOffsetBytes + memberOffsetBytes, lengthBytes);
        }
    }

    /** Makes all earlier writes durable. */
    public void flush() throws DeviceException {
        call(device::flush);
    }

    private void call(DeviceCalls.Call call) throws DeviceException {
        calls.run(call);
    }

    /**
     * Ends the use of a faulty member: every later call fails without reaching the device. Waits for calls in progress.
     *
     * @param waitMillis how long to wait at most
     * @return whether no call is in progress any more
     */
    public boolean retire(long waitMillis) throws InterruptedException {
        return calls.end(waitMillis);
    }
}
