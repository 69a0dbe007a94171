package io.mdfuse.integration;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Content that records in each sector its own number and the write that it came from.
 *
 * <pre>
 * Each 512-byte sector holds these 32 bytes sixteen times over, integers little-endian:
 *   0  "MDWORK" and two zero bytes
 *   8  the sector's own number in the volume
 *  16  the generation: the number of the write it came from; 0 filled the volume before the first
 *  24  the seed of the run, so that another run's content is foreign
 * </pre>
 *
 * So a sector that is torn, at the wrong location, or solved from wrong parity is detected.
 *
 * @param seed the run's seed
 */
record WorkPattern(long seed) {
    static final int SECTOR_BYTES = 512;

    /** The result of {@link #generationAt} if a sector does not contain this run's content for its number. */
    static final long FOREIGN = -1;

    private static final long MAGIC = 0x0000_4b52_4f57_444dL;
    private static final int CELL_BYTES = 32;

    /** Fills {@code target} from its position to its limit as one write. */
    void fill(ByteBuffer target, long offsetBytes, long generation) {
        ByteBuffer cells = target.order(ByteOrder.LITTLE_ENDIAN);
        for (long sector = offsetBytes / SECTOR_BYTES; cells.hasRemaining(); sector++) {
            for (int cell = 0; cell < SECTOR_BYTES / CELL_BYTES; cell++) {
                cells.putLong(MAGIC).putLong(sector).putLong(generation).putLong(seed);
            }
        }
    }

    /** The generation of the sector at {@code index} of {@code block}, or {@link #FOREIGN}. */
    long generationAt(ByteBuffer block, int index, long sector) {
        ByteBuffer cells = block.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int start = index * SECTOR_BYTES;
        long generation = cells.getLong(start + 16);
        for (int at = start; at < start + SECTOR_BYTES; at += CELL_BYTES) {
            boolean sound = cells.getLong(at) == MAGIC
                    && cells.getLong(at + 8) == sector
                    && cells.getLong(at + 16) == generation
                    && cells.getLong(at + 24) == seed;
            if (!sound) {
                return FOREIGN;
            }
        }
        return generation < 0 ? FOREIGN : generation;
    }
}
