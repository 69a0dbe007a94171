package io.mdfuse.raid.sync;

import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import java.util.Locale;

/**
 * Tells of one pass over all stripes in the words of {@code mdadm --monitor}: RebuildStarted, Rebuild20 to Rebuild80 as
 * each fifth is passed, RebuildFinished; and RebuildStopped if it does not come to its end. Used by the thread that
 * makes the pass.
 */
final class PassEvents {
    private static final int STEP_PERCENT = 20;

    private final ArrayEvents events;
    private final String what;
    private final String device;
    private final long allSectors;
    private long percentTold;

    /**
     * Nothing is told yet.
     *
     * @param what the pass, such as {@code resync}
     * @param device what is rebuilt; empty if the pass is about the whole array
     * @param allSectors how many sectors of a member there are
     */
    PassEvents(ArrayEvents events, String what, String device, long allSectors) {
        this.events = events;
        this.what = what;
        this.device = device;
        this.allSectors = Math.max(1, allSectors);
    }

    void started(long fromSector) {
        percentTold = percent(fromSector);
        tell("RebuildStarted", Severity.NOTICE, fromSector == 0 ? " starts" : " goes on at sector " + fromSector);
    }

    void passed(long sector) {
        long percent = percent(sector);
        if (percent > percentTold && percent < 100) {
            percentTold = percent;
            tell(String.format(Locale.ROOT, "Rebuild%d", percent), Severity.INFO, ": " + percent + "% done");
        }
    }

    private long percent(long sector) {
        return sector * 100 / allSectors / STEP_PERCENT * STEP_PERCENT;
    }

    /** @param remark what is to be added, such as what did not fit; empty if all is well */
    void finished(String remark) {
        tell(
                "RebuildFinished",
                remark.isEmpty() ? Severity.NOTICE : Severity.WARNING,
                " is done" + (remark.isEmpty() ? "" : ": " + remark));
    }

    /** It was told to end before its end. */
    void stopped(long sector) {
        tell("RebuildStopped", Severity.INFO, " was stopped at sector " + sector + " of " + allSectors);
    }

    /** It could not come to its end. */
    void failed(long sector, String why) {
        tell("RebuildStopped", Severity.WARNING, " ended at sector " + sector + " of " + allSectors + ": " + why);
    }

    private void tell(String name, Severity severity, String text) {
        events.emit(ArrayEvent.of(name, severity, device, what + text));
    }
}
