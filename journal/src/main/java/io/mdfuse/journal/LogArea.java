package io.mdfuse.journal;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;

/**
 * The ring of 4 KiB blocks that the log lies in, on a part of the journal device.
 *
 * <p>Positions are sectors from the start of the ring, multiples of 8, in {@code 0 .. sizeSectors() - 8}. The block
 * after the last one is the first: every transfer here goes around that corner by itself.
 */
public final class LogArea {
    /** The block at the tail, a meta block and its page, the two blocks that {@link LogSpace} leaves free. */
    private static final long MIN_SECTORS = 5L * Sectors.PER_BLOCK;

    private final BlockDevice device;
    private final long startBytes;
    private final long sizeSectors;
    private final boolean trims;

    /**
     * @param device the journal device; stays the caller's to close
     * @param startBytes where the ring begins on the device, in bytes (md: data_offset)
     * @param sizeSectors the ring's length in sectors (md: data_size rounded down to a multiple of 8), at least 40
     * @throws IllegalArgumentException where the ring is too small, not made of whole blocks, or not on the device
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
     * The same ring, for a medium that gains nothing from a trim. An image file is one: a hole punched in it is filled
     * again on the next lap, and until then every commit makes the file system allocate blocks, and commit that, too.
     */
    public LogArea withoutTrim() {
        return new LogArea(device, startBytes, sizeSectors, false);
    }

    /** What a person calls the journal device. */
    public String deviceName() {
        return device.name();
    }

    /** The length of the ring in sectors. */
    public long sizeSectors() {
        return sizeSectors;
    }

    /** The position {@code sectors} further on, around the ring; {@code sectors} in {@code 0 .. sizeSectors()}. */
    public long add(long sector, long sectors) {
        long sum = sector + sectors;
        return sum >= sizeSectors ? sum - sizeSectors : sum;
    }

    /** The way forward from one position to another, in sectors: {@code 0 .. sizeSectors() - 8}. */
    public long distance(long fromSector, long toSector) {
        return toSector >= fromSector ? toSector - fromSector : toSector + sizeSectors - fromSector;
    }

    /** Whether {@code sector} is a place where a block of this ring can lie. */
    public boolean isBlockSector(long sector) {
        return sector >= 0 && sector < sizeSectors && sector % Sectors.PER_BLOCK == 0;
    }

    /** Fills the whole of {@code page} (4 KiB, or several blocks) from {@code pageSector} on. */
    public void readBlocks(long pageSector, MemorySegment page) throws DeviceException {
        transfer(pageSector, page, device::read);
    }

    /** Writes the whole of {@code blocks} from {@code sector} on, in one write, or two around the ring's corner. */
    void write(long sector, MemorySegment blocks) throws DeviceException {
        transfer(sector, blocks, device::write);
    }

    /** Sees to it that writes of a part of the ring will find room on the host; see {@link BlockDevice#reserve}. */
    void reserveHostSpace(long sector, long sectors) throws DeviceException {
        long untilCorner = Math.min(sectors, sizeSectors - sector);
        device.reserve(startBytes + Sectors.toBytes(sector), Sectors.toBytes(untilCorner));
        if (untilCorner < sectors) {
            device.reserve(startBytes, Sectors.toBytes(sectors - untilCorner));
        }
    }

    void flush() throws DeviceException {
        device.flush();
    }

    /** Gives the content of a part of the ring back to the medium, where the medium cares. */
    void trim(long sector, long sectors) throws DeviceException {
        if (!trims) {
            return;
        }
        long untilCorner = Math.min(sectors, sizeSectors - sector);
        boolean trimmed = device.trim(startBytes + Sectors.toBytes(sector), Sectors.toBytes(untilCorner));
        if (trimmed && untilCorner < sectors) {
            device.trim(startBytes, Sectors.toBytes(sectors - untilCorner));
        }
    }

    private void transfer(long sector, MemorySegment blocks, Verb verb) throws DeviceException {
        if (!isBlockSector(sector) || blocks.byteSize() > Sectors.toBytes(sizeSectors)) {
            throw new IndexOutOfBoundsException(
                    "log sector " + sector + ", " + blocks.byteSize() + " bytes, of " + sizeSectors + " sectors");
        }
        long untilCornerBytes = Sectors.toBytes(sizeSectors - sector);
        long offsetBytes = startBytes + Sectors.toBytes(sector);
        if (blocks.byteSize() <= untilCornerBytes) {
            verb.apply(offsetBytes, blocks);
        } else {
            verb.apply(offsetBytes, blocks.asSlice(0, untilCornerBytes));
            verb.apply(startBytes, blocks.asSlice(untilCornerBytes));
        }
    }

    private interface Verb {
        void apply(long offsetBytes, MemorySegment memory) throws DeviceException;
    }
}
