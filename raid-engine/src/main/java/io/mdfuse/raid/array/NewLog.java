package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.random.RandomGenerator;

/** The empty log of a device that becomes a journal. */
final class NewLog {
    /** A shorter log would be full after a few requests. */
    static final long LEAST_SECTORS = 2048;

    private NewLog() {}

    /** Refuses a device that is too small for a log. */
    static void check(BlockDevice journal, DeviceSpace space) throws ArrayRefusedException {
        if (space.dataSizeSectors() < LEAST_SECTORS) {
            long leastBytes = Sectors.toBytes(space.dataOffsetSectors() + LEAST_SECTORS);
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    journal.name() + ": is too small for a journal with " + journal.sizeBytes()
                            + " bytes; it needs at least " + leastBytes);
        }
    }

    static LogArea area(BlockDevice journal, DeviceSpace space) {
        long logSectors = Sectors.roundDown(space.dataSizeSectors(), Sectors.PER_BLOCK);
        return new LogArea(journal, Sectors.toBytes(space.dataOffsetSectors()), logSectors);
    }

    /** Makes the log empty, flushed; the answer is its one block. */
    static LogPosition format(BlockDevice journal, DeviceSpace space, byte[] setUuid, RandomGenerator random)
            throws DeviceException {
        LogPosition first = new LogPosition(0, Integer.toUnsignedLong(random.nextInt()));
        Journal.format(area(journal, space), new LogChecksum(setUuid), first.sequence());
        return first;
    }
}
