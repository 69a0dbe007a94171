package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bad-block log of one device, at bblog_offset sectors from its superblock: the list of the blocks of a member
 * whose content is lost, so that they are solved from the other members. {@link BadBlockList} describes its bytes.
 *
 * <p>The log is valid only while the device's superblock has {@link Features#BAD_BLOCKS}; otherwise its content is
 * undefined, since md leaves the last list there. {@link SuperblockStore} writes list and superblock in the right
 * order. It calls {@link #write} under its lock; {@link #badBlocks} may be used by any thread.
 */
public final class BadBlockLog {
    /** md reads one page, and refuses a longer log. */
    private static final int MAX_SECTORS = 8;

    /** Far more than any device has; a larger shift would move sectors out of 64 bits. */
    private static final int MAX_SHIFT = 32;

    private final BlockDevice device;
    private final long sector;
    private final int lengthBytes;
    private final int shift;
    private final BadBlocks badBlocks;
    /** Flushes the device, by the owner that keeps track of what is durable on it. */
    @FunctionalInterface
    public interface Flush {
        void run() throws IOException;
    }

    /** The entries on the disk; none if the log is not valid. */
    private List<Long> entries = List.of();

    private int emptyEntries;

    private BadBlockLog(FoundDevice found) {
        Superblock superblock = found.superblock();
        this.device = found.device();
        this.sector = superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors();
        this.lengthBytes = superblock.badBlockLogSectors() * Sectors.BYTES;
        this.shift = superblock.badBlockShift();
        this.badBlocks = new BadBlocks(shift, capacity());
    }

    /**
     * The log of a device, with its list read; empty if the device has no log.
     *
     * @throws ArrayRefusedException if the superblock says that blocks are bad, and the list of them is missing,
     *     unreadable or invalid
     */
    public static Optional<BadBlockLog> of(FoundDevice found) throws ArrayRefusedException {
        Superblock superblock = found.superblock();
        boolean counts = superblock.hasFeature(Features.BAD_BLOCKS);
        String wrong = misplaced(found);
        if (wrong != null) {
            if (counts) {
                throw corrupt(found, wrong);
            }
            // Nothing is listed, and the log's position is unusable: the same as no log.
            return Optional.empty();
        }
        BadBlockLog log = new BadBlockLog(found);
        if (counts) {
            log.read(found);
        }
        return Optional.of(log);
    }

    private static @Nullable String misplaced(FoundDevice found) {
        Superblock superblock = found.superblock();
        int sectors = superblock.badBlockLogSectors();
        if (sectors == 0 || superblock.badBlockLogOffsetSectors() == 0) {
            return "says that blocks are bad, and has no place for the list of them";
        }
        if (sectors > MAX_SECTORS || superblock.badBlockShift() > MAX_SHIFT) {
            return "has a bad-block log of " + sectors + " sectors and shift " + superblock.badBlockShift()
                    + ", which md does not take either";
        }
        long from = superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors();
        long end = from + sectors;
        long superSector = superblock.superOffsetSectors();
        long dataEnd = superblock.dataOffsetSectors() + superblock.usedSectors();
        boolean inside = from >= 0 && Sectors.toBytes(end) <= found.device().sizeBytes();
        boolean inData = from < dataEnd && superblock.dataOffsetSectors() < end;
        boolean inSuper = from < superSector + superblock.writtenBytes() / Sectors.BYTES && superSector < end;
        if (!inside || inData || inSuper) {
            return "its bad-block log would lie at sectors " + from + " to " + end + ", which are "
                    + (inside ? "used for something else" : "not on the device");
        }
        return LocklessArea.overlap(found, from, end);
    }

    private void read(FoundDevice found) throws ArrayRefusedException {
        List<Long> read;
        try {
            read = BadBlockList.entries(DevicePage.read(device, sector, lengthBytes));
        } catch (DeviceException e) {
            throw corrupt(found, "the list of its bad blocks can't be read (" + e.getMessage() + ")");
        }
        for (long entry : read) {
            if (BadBlockList.units(entry) == 0) {
                emptyEntries++;
                continue;
            }
            long first = BadBlockList.firstUnit(entry);
            int units = BadBlockList.units(entry);
            boolean valid = units <= BadBlocks.LONGEST_ENTRY_UNITS
                    && first + units <= (Long.MAX_VALUE / Sectors.BYTES) >> shift;
            if (!valid) {
                throw corrupt(
                        found,
                        "the list of its bad blocks makes no sense: " + units + " units of " + (1L << shift)
                                + " sectors from unit " + first + " on");
            }
            badBlocks.add(first << shift, (long) units << shift);
        }
        if (emptyEntries == read.size()) {
            // Nothing is listed: the same as a log that is not valid, and the next superblock says so.
            return;
        }
        entries = read;
        if (emptyEntries == 0) {
            // A list with empty entries is rewritten with the next update: Linux 6.7 and later refuses it.
            badBlocks.stored(badBlocks.ranges());
        }
    }

    private static ArrayRefusedException corrupt(FoundDevice found, String what) {
        return new ArrayRefusedException(Reason.CORRUPT, found.name() + ": " + what);
    }

    private int capacity() {
        return lengthBytes / BadBlockList.ENTRY_BYTES;
    }

    /**
     * How many entries had a length of 0 when the log was read. mdadm before 4.5 created logs that have only such
     * entries; they list no block, as in Linux up to 6.6.
     */
    public int emptyEntries() {
        return emptyEntries;
    }

    /** The blocks that are bad now; a change reaches the disk with the next superblock. */
    public BadBlocks badBlocks() {
        return badBlocks;
    }

    /** True if the log on the disk lists a block, so that the superblock must have {@link Features#BAD_BLOCKS}. */
    public boolean counts() {
        return !entries.isEmpty();
    }

    /**
     * Writes a list durably; call it before the superblock that announces the list is written. If no block is bad any
     * more, the log is not changed, as in md: the superblock's feature bit decides.
     */
    public void write(List<BadRange> ranges, Flush flush) throws IOException {
        List<Long> next = BadBlockList.encode(ranges, shift);
        if (next.isEmpty()) {
            entries = next;
            return;
        }
        for (List<Long> step : steps(next)) {
            byte[] log = BadBlockList.bytes(step, lengthBytes);
            DevicePage.write(device, sector, log, log.length);
            flush.run();
            entries = step;
        }
    }

    private List<List<Long>> steps(List<Long> next) throws IOException {
        List<List<Long>> steps = new ArrayList<>();
        if (entries.isEmpty()) {
            // The log is not valid yet, so it does not matter what a crash leaves in it.
            steps.add(next);
            return steps;
        }
        try {
            return BadBlockList.steps(entries, next, capacity());
        } catch (IllegalArgumentException e) {
            throw new IOException(device.name() + ": " + e.getMessage(), e);
        }
    }
}
