package io.mdfuse.raid.sync;

/**
 * How a {@link BackgroundPass} ended.
 *
 * <pre>
 *   outcome       state     event                        text
 *   done          DONE      RebuildFinished              a remark, such as the mismatches found; empty if none
 *   incomplete    FAILED    RebuildFinished (warning)    what the pass had to skip
 *   stopped       STOPPED   RebuildStopped  (info)       empty
 *   failed        FAILED    RebuildStopped  (warning)    the reason
 * </pre>
 *
 * @param passedAll whether the pass reached the last stripe
 * @param sector the first member sector that was not passed; after the last stripe, the number of member sectors
 */
record PassOutcome(PassState state, boolean passedAll, long sector, String text) {
    static PassOutcome done(long endSector, String remark) {
        return new PassOutcome(PassState.DONE, true, endSector, remark);
    }

    static PassOutcome incomplete(long endSector, String remark) {
        return new PassOutcome(PassState.FAILED, true, endSector, remark);
    }

    static PassOutcome stopped(long sector) {
        return new PassOutcome(PassState.STOPPED, false, sector, "");
    }

    static PassOutcome failed(long sector, String reason) {
        return new PassOutcome(PassState.FAILED, false, sector, reason);
    }
}
