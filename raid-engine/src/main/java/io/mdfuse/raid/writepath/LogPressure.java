package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;

/**
 * How the log's free space stands to what writing out the whole cache would take: md's R5C_LOG_TIGHT and
 * R5C_LOG_CRITICAL.
 *
 * <pre>
 *   free space    3 x need ............ 2 x need ............
 *                 RELAXED        TIGHT             CRITICAL
 * </pre>
 *
 * TIGHT: stripes are written out from the log's head, so that its tail can move. CRITICAL: no stripe that has no place
 * in the cache yet is let in; {@link CacheAdmission} sees to that.
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
     * What the log needs to write out so many cached stripes: a parity page each (two for RAID-6) and a meta block, and
     * once the data of a whole stripe. md's r5c_log_required_to_flush_cache, which counts its groups from 0.
     */
    static long needSectors(int cachedStripes, int raidDisks, int parityCount) {
        return Sectors.PER_BLOCK * ((parityCount + 1L) * cachedStripes + (raidDisks - parityCount));
    }
}
