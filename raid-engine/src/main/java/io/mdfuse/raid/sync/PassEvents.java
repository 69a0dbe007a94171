package io.mdfuse.raid.sync;

import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reports one pass over all stripes in the words of {@code mdadm --monitor}: RebuildStarted, Rebuild20 to Rebuild80 as
 * each fifth is passed, RebuildFinished; and RebuildStopped if the pass does not reach its end. Used by the thread that
 * makes the pass.
 */
final class PassEvents {
    private static final int STEP_PERCENT = 20;

    private final @Nullable ArrayEvents events;
    private final String what;
    private final String device;
    private final long allSectors;
    private long reportedPercent;

    /**
     * Reports nothing yet.
     *
     * @param events receives the reports; null for none
     * @param what names the pass in texts, such as {@code the resync of parity}
     * @param device the device that is rebuilt; empty if the pass concerns the whole array
     * @param allSectors the number of sectors of each member
     */
    PassEvents(@Nullable ArrayEvents events, String what, String device, long allSectors) {
        this.events = events;
        this.what = what;
        this.device = device;
        this.allSectors = Math.max(1, allSectors);
    }

    /** Of a pass that runs so often, and does so little each time, that events would say nothing to a user. */
    static PassEvents unreported(String what) {
        return new PassEvents(null, what, "", 1);
    }

    /** The name of the pass in texts. */
    String what() {
        return what;
    }

    void started(long fromSector) {
        reportedPercent = percent(fromSector);
        emit("RebuildStarted", Severity.NOTICE, fromSector == 0 ? " starts" : " goes on at sector " + fromSector);
    }

    void passed(long sector) {
        long percent = percent(sector);
        if (percent > reportedPercent && percent < 100) {
            reportedPercent = percent;
            emit(String.format(Locale.ROOT, "Rebuild%d", percent), Severity.INFO, ": " + percent + "% done");
        }
    }

    private long percent(long sector) {
        return sector * 100 / allSectors / STEP_PERCENT * STEP_PERCENT;
    }

    /** @param remark what the event adds, such as the mismatches found; empty if there is nothing to add */
    void finished(String remark) {
        emit(
                "RebuildFinished",
                remark.isEmpty() ? Severity.NOTICE : Severity.WARNING,
                " is done" + (remark.isEmpty() ? "" : ": " + remark));
    }

    /** A user or the closing of the array stopped the pass. */
    void stopped(long sector) {
        emit("RebuildStopped", Severity.INFO, " was stopped at sector " + sector + " of " + allSectors);
    }

    /** The pass could not reach its end. */
    void failed(long sector, String why) {
        emit("RebuildStopped", Severity.WARNING, " ended at sector " + sector + " of " + allSectors + ": " + why);
    }

    private void emit(String name, Severity severity, String text) {
        if (events != null) {
            events.emit(ArrayEvent.of(name, severity, device, what + text));
        }
    }
}
