package io.mdfuse.raid.writepath;

/**
 * Which cached stripes are written out now, by md's thresholds.
 *
 * <pre>
 *   somebody waits for room, or cached > 3/4   all full stripes, and partial ones up to a group
 *   cached > 1/2, or full stripes > 1/4        all full stripes
 *   the log is tight                           a group from the log's head as well
 * </pre>
 *
 * @param full how many full stripes at most
 * @param oldest how many stripes from the log's head at most, full or not
 */
record WriteOutPolicy(int full, int oldest) {
    /** md's R5C_RECLAIM_STRIPE_GROUP, times the run length that makes one write worth its seek. */
    static final int GROUP = 16 * 16;

    /** Nothing to do. */
    static final WriteOutPolicy REST = new WriteOutPolicy(0, 0);

    /**
     * Reads the table.
     *
     * @param cached stripes in the cache
     * @param full those of them that have every data block
     * @param most what the cache may hold
     * @param pressure of the log
     * @param waiting whether a request waits for room in cache or log
     */
    static WriteOutPolicy of(int cached, int full, int most, LogPressure pressure, boolean waiting) {
        if (cached == 0) {
            return REST;
        }
        boolean head = pressure != LogPressure.RELAXED;
        if (waiting || 4L * cached > 3L * most) {
            return new WriteOutPolicy(full, GROUP);
        }
        if (2L * cached > most || 4L * full > most) {
            return new WriteOutPolicy(full, head ? GROUP : 0);
        }
        return head ? new WriteOutPolicy(0, GROUP) : REST;
    }

    boolean rests() {
        return full == 0 && oldest == 0;
    }
}
