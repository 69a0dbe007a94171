package io.mdfuse.journal;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;

/**
 * The ring of 4 KiB blocks that contains the log, on a part of the journal device.
 *
 * <p>Positions are in sectors of 512 bytes from the start of the ring, multiples of 8, in
 * {@code 0 .. sizeSectors() - 8}. The block after the last one is the first: a transfer that crosses the end of the
 * ring is split into two.
 *
 * <p>The object is immutable: any thread may use it. It takes no lock of its own.
 */
public final class LogArea {
    /** The block at the tail, one meta block with one page, and the two blocks that {@link LogSpace} keeps free. */
    private static final long MIN_SECTORS = 5L * Sectors.PER_BLOCK;

    private final BlockDevice device;
    private final long startBytes;
    private final long sizeSectors;
    private final boolean trims;

    /**
     * @param device the journal device; the caller closes it
     * @param startBytes where the ring begins on the device, in bytes (md: data_offset)
     * @param sizeSectors the ring's length in sectors (md: data_size rounded down to a multiple of 8), at least 40
     * @throws IllegalArgumentException if the ring is too small, not made of whole blocks, or beyond the device
     */
    public LogArea(BlockDevice device, long startBytes, long sizeSectors) {
        this(device, startBytes, sizeSectors, true);
    }

    private LogArea(BlockDevice device, long startBytes, long sizeSectors, boolean trims) {
        if (startBytes < 0 || sizeSectors < MIN_SECTORS || sizeSectors % Sectors.PER_BLOCK != 0) {
            throw new IllegalArgumentException(
                    device.name() + ": no log of " + sizeSectors + " sectors fits at byte " + startBytes);
        }
        if (sizeSectors > (device.sizeBytes() - startBytes) / Sectors.BYTES) {
            throw new IllegalArgumentException(device.name() + ": the log of " + sizeSectors + " sectors at byte "
                    + startBytes + " ends beyond the device's " + device.sizeBytes() + " bytes");
        }
        this.device = device;
        this.startBytes = startBytes;
        this.sizeSectors = sizeSectors;
        this.trims = trims;
    }

    /**
     * Returns the same ring for a medium that gains nothing from a trim: {@link #trim} then does nothing. An image file
     * is such a medium. A hole that a trim punches in it is filled again on the next lap, and each commit into the hole
     * makes the file system allocate blocks and commit that allocation as well.
     */
    public LogArea withoutTrim() {
        return new LogArea(device, startBytes, sizeSectors, false);
    }

    /** The journal device as the user named it, for messages. */
    public String deviceName() {
        return device.name();
    }

    /** The length of the ring in sectors. */
    public long sizeSectors() {
        return sizeSectors;
    }

    /**
     * Returns the position {@code sectors} after {@code sector}, continuing at the start behind the end of the ring.
     *
     * @param sectors in {@code 0 .. sizeSectors()}
     */
    public long add(long sector, long sectors) {
        long sum = sector + sectors;
        return sum >= sizeSectors ? sum - sizeSectors : sum;
    }

    /** Returns the distance forward around the ring from one position to another, in sectors: 0 if they are equal. */
    public long distance(long fromSector, long toSector) {
        return toSector >= fromSector ? toSector - fromSector : toSector + sizeSectors - fromSector;
    }

    /** Whether a block of this ring begins at {@code sector}: it is in range and a multiple of 8. */
    public boolean isBlockSector(long sector) {
        return sector >= 0 && sector < sizeSectors && sector % Sectors.PER_BLOCK == 0;
    }

    /**
     * Reads consecutive blocks of the ring, the first one at {@code sector}, until {@code blocks} is full.
     *
     * @param blocks a whole number of blocks of 4 KiB, not more than the ring has
     * @throws DeviceException if the device can't read them
     * @throws IndexOutOfBoundsException if no block begins at {@code sector}, or {@code blocks} exceeds the ring
     */
    public void readBlocks(long sector, MemorySegment blocks) throws DeviceException {
        transfer(sector, blocks, device::read);
    }

    /** Writes all of {@code blocks} from {@code sector} on: one write, or two if they cross the end of the ring. */
    void write(long sector, MemorySegment blocks) throws DeviceException {
        transfer(sector, blocks, device::write);
    }

    /**
     * Writes all of {@code blocks} from {@code sector} on in one write, for a {@link #flush} that follows at once:
     * {@link BlockDevice#tryWritePastCache}.
     *
     * @return false if the device can't do that, or if the blocks cross the end of the ring
     */
    boolean tryWritePastCache(long sector, MemorySegment blocks) throws DeviceException {
        return blocks.byteSize() <= Sectors.toBytes(sizeSectors - sector)
                && device.tryWritePastCache(startBytes + Sectors.toBytes(sector), blocks);
    }

    /**
     * Has the host allocate a part of the ring, so that writes to it can't fail for lack of space; see
     * {@link BlockDevice#reserve}.
     */
    void reserveHostSpace(long sector, long sectors) throws DeviceException {
        long untilEnd = Math.min(sectors, sizeSectors - sector);
        device.reserve(startBytes + Sectors.toBytes(sector), Sectors.toBytes(untilEnd));
        if (untilEnd < sectors) {
            device.reserve(startBytes, Sectors.toBytes(sectors - untilEnd));
        }
    }

    void flush() throws DeviceException {
        device.flush();
    }

    /** Tells the medium that the content of a part of the ring is not needed, unless {@link #withoutTrim()}. */
    void trim(long sector, long sectors) throws DeviceException {
        if (!trims) {
            return;
        }
        long untilEnd = Math.min(sectors, sizeSectors - sector);
        boolean discarded = device.discard(startBytes + Sectors.toBytes(sector), Sectors.toBytes(untilEnd));
        if (discarded && untilEnd < sectors) {
            device.discard(startBytes, Sectors.toBytes(sectors - untilEnd));
        }
    }

    private void transfer(long sector, MemorySegment blocks, Transfer transfer) throws DeviceException {
        if (!isBlockSector(sector) || blocks.byteSize() > Sectors.toBytes(sizeSectors)) {
            throw new IndexOutOfBoundsException(
                    "log sector " + sector + ", " + blocks.byteSize() + " bytes, of " + sizeSectors + " sectors");
        }
        long untilEndBytes = Sectors.toBytes(sizeSectors - sector);
        long offsetBytes = startBytes + Sectors.toBytes(sector);
        if (blocks.byteSize() <= untilEndBytes) {
            transfer.apply(offsetBytes, blocks);
        } else {
            transfer.apply(offsetBytes, blocks.asSlice(0, untilEndBytes));
            transfer.apply(startBytes, blocks.asSlice(untilEndBytes));
        }
    }

    /** {@link BlockDevice#read} or {@link BlockDevice#write}. */
    private interface Transfer {
        void apply(long offsetBytes, MemorySegment memory) throws DeviceException;
    }
}
