package io.mdfuse.raid.writepath;

/**
 * Which cached stripes are written out now, by md's thresholds.
 *
 * <pre>
 *   a request waits for space, or cached > 3/4   all full stripes, and a group of the oldest stripes
 *   cached > 1/2, or full stripes > 1/4          all full stripes
 *   the log is tight                             a group of the oldest stripes as well
 * </pre>
 *
 * @param full the most full stripes to write out
 * @param oldest the most stripes to write out from the oldest in the log on, full or not
 */
record WriteOutPolicy(int full, int oldest) {
    /** md's R5C_RECLAIM_STRIPE_GROUP, times a run length for which a write is worth its seek. */
    static final int GROUP = 16 * 32;

    /** Nothing to do. */
    static final WriteOutPolicy IDLE = new WriteOutPolicy(0, 0);

    /**
     * Applies the table.
     *
     * @param cached stripes in the cache
     * @param full those of them that have every data block
     * @param most the most stripes that the cache may have
     * @param pressure the state of the log
     * @param waiting whether a request waits for a cache slot or log space, or the cache is to be emptied
     */
    static WriteOutPolicy of(int cached, int full, int most, LogPressure pressure, boolean waiting) {
        if (cached == 0) {
            return IDLE;
        }
        boolean oldestToo = pressure != LogPressure.RELAXED;
        if (waiting || 4L * cached > 3L * most) {
            return new WriteOutPolicy(full, GROUP);
        }
        if (2L * cached > most || 4L * full > most) {
            return new WriteOutPolicy(full, oldestToo ? GROUP : 0);
        }
        return oldestToo ? new WriteOutPolicy(0, GROUP) : IDLE;
    }

    boolean isIdle() {
        return full == 0 && oldest == 0;
    }
}
