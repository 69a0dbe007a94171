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
 * The bad-block log beside one device's superblock, at superblock + bblog_offset sectors: it tells which blocks of a
 * member hold nothing, so that they are solved from the others. {@link BadBlockList} knows its bytes.
 *
 * <p>It counts while the device's superblock has {@link Features#BAD_BLOCKS}, and only then; what lies in a log that
 * does not count is anything, for md leaves the last list there. {@link SuperblockStore} writes list and superblock in
 * the right order.
 */
public final class BadBlockLog {
    /** md reads one page, and refuses a longer log. */
    private static final int MOST_SECTORS = 8;

    /** Far more than a device can have; a larger one would shift sectors out of 64 bits. */
    private static final int MOST_SHIFT = 32;

    private final BlockDevice device;
    private final long sector;
    private final int lengthBytes;
    private final int shift;
    private final BadBlocks badBlocks;
    /** How the device is flushed: by whom keeps count of what it holds for certain. */
    @FunctionalInterface
    public interface Flush {
        void run() throws IOException;
    }

    /** What the superblock and the log say together: no entries where the log does not count. */
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
     * The log of a device, and what it says; empty where the device has none.
     *
     * @throws ArrayRefusedException where the superblock says that blocks are bad, and which ones can't be told
     */
    public static Optional<BadBlockLog> of(FoundDevice found) throws ArrayRefusedException {
        Superblock superblock = found.superblock();
        boolean counts = superblock.hasFeature(Features.BAD_BLOCKS);
        String wrong = misplaced(found);
        if (wrong != null) {
            if (counts) {
                throw corrupt(found, wrong);
            }
            // Nothing is listed, and there is no place for it either: as good as no log.
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
        if (sectors > MOST_SECTORS || superblock.badBlockShift() > MOST_SHIFT) {
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
        return null;
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
            boolean sound = units <= BadBlocks.LONGEST_ENTRY_UNITS
                    && first + units <= (Long.MAX_VALUE / Sectors.BYTES) >> shift;
            if (!sound) {
                throw corrupt(
                        found,
                        "the list of its bad blocks makes no sense: " + units + " units of " + (1L << shift)
                                + " sectors from unit " + first + " on");
            }
            badBlocks.add(first << shift, (long) units << shift);
        }
        if (emptyEntries == read.size()) {
            // Nothing is listed: as good as a log that does not count, and the next superblock says so.
            return;
        }
        entries = read;
        if (emptyEntries == 0) {
            // A list with empty entries is written anew with the next update: Linux from 6.7 on refuses it as it is.
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
     * How many entries had a length of 0 when the log was read. mdadm before 4.5 gave members a log of nothing else;
     * they list no block here, as in Linux up to 6.6.
     */
    public int emptyEntries() {
        return emptyEntries;
    }

    /** What is bad now; it comes to the disk with the next superblock. */
    public BadBlocks badBlocks() {
        return badBlocks;
    }

    /** True where the log counts, as it is on the disk. */
    public boolean counts() {
        return !entries.isEmpty();
    }

    /**
     * Brings a list to the disk, durably, before a superblock is written that announces it. Where nothing is bad any
     * more the log is left as it is, as md leaves it: the superblock has the last word.
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
            // The log does not count yet, so it does not matter what a crash leaves in it.
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
