package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.writepath.LogNeeds;
import java.util.random.RandomGenerator;

/** Writes the empty log of a device that becomes a journal. */
public final class NewLog {
    private NewLog() {}

    /**
     * Refuses a device that is too small for the log of an array of this level and size.
     *
     * @throws ArrayRefusedException UNSUPPORTED, with the smallest size that is enough
     */
    public static void check(BlockDevice journal, DeviceSpace space, int level, int raidDisks)
            throws ArrayRefusedException {
        long leastSectors = new LogNeeds(raidDisks, level == 6 ? 2 : 1).leastSectorsToCreate();
        if (space.dataSizeSectors() < leastSectors) {
            long leastBytes = Sectors.toBytes(space.dataOffsetSectors() + leastSectors);
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    journal.name() + ": is too small for a journal with " + journal.sizeBytes()
                            + " bytes; for " + raidDisks + " members at level " + level + " it needs at least "
                            + leastBytes);
        }
    }

    static LogArea area(BlockDevice journal, DeviceSpace space) {
        long logSectors = Sectors.roundDown(space.dataSizeSectors(), Sectors.PER_BLOCK);
        return new LogArea(journal, Sectors.toBytes(space.dataOffsetSectors()), logSectors);
    }

    /**
     * Writes an empty log and flushes it.
     *
     * @param random gives the first sequence number
     * @return the position of the log's only meta block, which is empty
     */
    public static LogPosition format(BlockDevice journal, DeviceSpace space, byte[] setUuid, RandomGenerator random)
            throws DeviceException {
        LogPosition first = new LogPosition(0, Integer.toUnsignedLong(random.nextInt()));
        Journal.format(area(journal, space), new LogChecksum(setUuid), first.sequence());
        return first;
    }
}
