package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;

/**
 * The log's free space in relation to the log space needed to write out the entire cache: md's R5C_LOG_TIGHT and
 * R5C_LOG_CRITICAL.
 *
 * <pre>
 *   free space    3 x need ............ 2 x need ............
 *                 RELAXED        TIGHT             CRITICAL
 * </pre>
 *
 * TIGHT: the stripes that are oldest in the log are written out, so that its tail can move. CRITICAL: the
 * {@link CacheAdmission} admits no request with a stripe that has no cache slot yet.
 */
enum LogPressure {
    RELAXED,
    TIGHT,
    CRITICAL;

    static LogPressure of(long freeSectors, long needSectors) {
        if (freeSectors < 2 * needSectors) {
            return CRITICAL;
        }
        return freeSectors < 3 * needSectors ? TIGHT : RELAXED;
    }

    /**
     * Log sectors needed to write out so many cached stripes: for each a parity page (two for RAID-6) and a meta block,
     * and once the data of one full stripe. md's r5c_log_required_to_flush_cache, which counts its groups from 0.
     */
    static long needSectors(int cachedStripes, int raidDisks, int parityCount) {
        return Sectors.PER_BLOCK * ((parityCount + 1L) * cachedStripes + (raidDisks - parityCount));
    }
}
