package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.RunWrite;
import java.util.List;

/**
 * The log space that requests and write-outs of one array take at most, and the smallest log that an array can have.
 *
 * <pre>
 *   | tail | kept  | for each admitted request: its data, and for each       | writing out all cached    |
 *   |  1   |   3   | stripe a meta block and the space of its write-out      | stripes: writeOutSectors  |
 * </pre>
 *
 * The diagram counts blocks. The tail's own block is always in use; the journal keeps two for itself, and one for the
 * empty block of a reclaim. A cached stripe that is written again counts twice: it may be written out before the
 * request gets its lease, and then once more. A write-through takes less than a write that is cached first.
 */
public final class LogNeeds {
    /** md's smallest stripe cache is one more than 16 stripes. */
    public static final int LEAST_CACHED_STRIPES = 17;

    /** md's largest. */
    public static final int MOST_CACHED_STRIPES = 32768;

    static final long KEPT_SECTORS = 3L * Sectors.PER_BLOCK;
    private static final long TAIL_SECTORS = Sectors.PER_BLOCK;

    private final int raidDisks;
    private final int parityCount;

    public LogNeeds(ArrayGeometry geometry) {
        this(geometry.raidDisks(), geometry.layout().parityCount());
    }

    public LogNeeds(int raidDisks, int parityCount) {
        this.raidDisks = raidDisks;
        this.parityCount = parityCount;
    }

    /** Log sectors that writing out so many stripes takes at most. */
    long writeOutSectors(int stripes) {
        return LogPressure.needSectors(stripes, raidDisks, parityCount);
    }

    long requestSectors(List<RunWrite> runs) {
        long stripes = 0;
        long blocks = 0;
        for (RunWrite run : runs) {
            stripes += run.stripeCount();
            blocks += (long) run.stripeCount() * run.writtenSlots();
        }
        return requestSectors(stripes, blocks);
    }

    long requestSectors(long stripes, long blocks) {
        return Sectors.PER_BLOCK * (blocks + (2L + parityCount) * stripes);
    }

    /** The shortest log that accepts a one-block write when the cache is empty; in a shorter one no write could end. */
    public long leastSectors() {
        return TAIL_SECTORS + KEPT_SECTORS + requestSectors(1, 1) + writeOutSectors(0);
    }

    /**
     * The shortest log that {@code create} makes: with the smallest cache full of full stripes, it is still not tight.
     * So even that cache is written out by its own thresholds and in bulk, not stripe by stripe for lack of log space.
     */
    public long leastSectorsToCreate() {
        int stripes = LEAST_CACHED_STRIPES;
        long dataSectors = Sectors.PER_BLOCK * (1L + raidDisks - parityCount) * stripes;
        return TAIL_SECTORS + KEPT_SECTORS + dataSectors + 3 * writeOutSectors(stripes);
    }

    /**
     * The most blocks that a request may have so that it is admitted at least with an empty cache and log, and fits one
     * append. At worst each of its blocks is in a stripe of its own.
     *
     * @param logSectors the length of the log
     * @param largestAppendSectors see {@link io.mdfuse.journal.Journal#largestAppendSectors}
     */
    int largestRequestBlocks(long logSectors, long largestAppendSectors, int maxStripes) {
        long spaceSectors = logSectors - TAIL_SECTORS - KEPT_SECTORS - writeOutSectors(0);
        long admitted = spaceSectors / requestSectors(1, 1);
        long appended = largestAppendSectors / (Sectors.PER_BLOCK * (2L + parityCount));
        return Math.clamp(Math.min(admitted, appended), 1, maxStripes);
    }
}
