package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * The partial parity log of one member, at ppl.offset sectors from its superblock (Linux raid5-ppl.c).
 *
 * <pre>
 *   | head | partial parity | older head | partial parity | ...
 * </pre>
 *
 * md may write a log after the previous one, so heads are read one after the other as long as their generation does not
 * decrease. This program always writes its log at the start of the area: it does so only when the previous log is not
 * needed any more. Not thread-safe.
 */
public final class PplArea {
    private final BlockDevice device;
    private final byte[] setUuid;
    private final long sector;
    private final int areaSectors;
    private long generation;

    /** The newest log of an area: its head, and the device sector at which its partial parity begins. */
    public record Log(PplHeader head, long partialSector) {}

    /**
     * The area that a device's superblock names.
     *
     * @throws ArrayRefusedException CORRUPT if the area is too small, not on the device, or overlaps data or the
     *     superblock
     */
    public static PplArea of(FoundDevice device) throws ArrayRefusedException {
        return new PplArea(device);
    }

    private PplArea(FoundDevice member) throws ArrayRefusedException {
        Superblock superblock = member.superblock();
        this.device = member.device();
        this.setUuid = superblock.setUuid();
        this.sector = superblock.superOffsetSectors() + superblock.pplOffsetSectors();
        this.areaSectors = superblock.pplSizeSectors();
        boolean inside = sector >= 0 && Sectors.toBytes(sector + areaSectors) <= device.sizeBytes();
        long dataEnd = superblock.dataOffsetSectors() + superblock.usedSectors();
        boolean inData = sector < dataEnd && superblock.dataOffsetSectors() < sector + areaSectors;
        boolean inSuper = sector < superblock.superOffsetSectors() + PplHeader.SECTORS
                && superblock.superOffsetSectors() < sector + areaSectors;
        if (areaSectors < 2 * PplHeader.SECTORS || !inside || inData || inSuper) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT,
                    device.name() + ": has no room for a partial parity log at sector " + sector + " (" + areaSectors
                            + " sectors)");
        }
    }

    /** The device as the user named it. */
    public String name() {
        return device.name();
    }

    /** True if the area lies on this device, and not on another device that had the same number before. */
    public boolean isOn(BlockDevice other) {
        return device == other;
    }

    /**
     * Refuses an area that has less room than the logs of an array need.
     *
     * @throws ArrayRefusedException UNSUPPORTED
     */
    public void requireCapacity(int neededBytes) throws ArrayRefusedException {
        if (capacityBytes() < neededBytes) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": its partial parity log has room for " + capacityBytes()
                            + " bytes, and those of the other members for " + neededBytes);
        }
    }

    /** How many bytes of partial parity fit. */
    public int capacityBytes() {
        return areaSectors * Sectors.BYTES - PplHeader.BYTES;
    }

    /** The newest log; empty if the area has no valid head. */
    public Optional<Log> newest() throws DeviceException {
        Optional<Log> newest = Optional.empty();
        for (long at = 0; at + PplHeader.SECTORS < areaSectors; ) {
            Optional<PplHeader> head = PplHeader.decode(DevicePage.read(device, sector + at, PplHeader.BYTES), setUuid);
            if (head.isEmpty()
                    || (newest.isPresent()
                            && newest.get().head().generation() > head.get().generation())) {
                break;
            }
            long end = at + PplHeader.SECTORS + head.get().partialBytes() / Sectors.BYTES;
            if (end > areaSectors) {
                break;
            }
            newest = Optional.of(new Log(head.get(), sector + at + PplHeader.SECTORS));
            at = end;
        }
        generation =
                Math.max(generation, newest.map(log -> log.head().generation()).orElse(0L));
        return newest;
    }

    /**
     * Reads partial parity of a log.
     *
     * @param deviceSector from the start of the device
     */
    public void read(long deviceSector, MemorySegment target) throws DeviceException {
        device.read(Sectors.toBytes(deviceSector), target);
    }

    /**
     * Writes a log that replaces all others; durable after {@link #flush}.
     *
     * @param log room for a head, then the partial parity of the entries
     */
    public void write(List<PplEntry> entries, MemorySegment log) throws DeviceException {
        byte[] head = new PplHeader(++generation, entries).encode(setUuid);
        MemorySegment.copy(head, 0, log, ValueLayout.JAVA_BYTE, 0, head.length);
        device.write(Sectors.toBytes(sector), log);
    }

    /** Writes an empty log that replaces all others; durable after {@link #flush}. */
    public void writeEmpty() throws DeviceException {
        byte[] head = new PplHeader(++generation, List.of()).encode(setUuid);
        DevicePage.write(device, sector, head, head.length);
    }

    /**
     * Makes an empty log of an area with unknown content: all heads in it are wiped, and the new head has a higher
     * generation. Durable after the device's next flush.
     */
    public void format() throws DeviceException {
        byte[] nothing = new byte[PplHeader.BYTES];
        for (long at = 0; at + PplHeader.SECTORS <= areaSectors; at += PplHeader.SECTORS) {
            Optional<PplHeader> head = PplHeader.decode(DevicePage.read(device, sector + at, PplHeader.BYTES), setUuid);
            if (head.isPresent()) {
                generation = Math.max(generation, head.get().generation());
                DevicePage.write(device, sector + at, nothing, nothing.length);
            }
        }
        writeEmpty();
    }

    public void flush() throws DeviceException {
        device.flush();
    }
}
