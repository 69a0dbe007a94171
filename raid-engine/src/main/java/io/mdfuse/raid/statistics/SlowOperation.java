package io.mdfuse.raid.statistics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * A request of the volume that took long, as an event of Java's Flight Recorder. The threshold is a setting of the
 * recording ({@code mdfuse.SlowOperation#threshold=20ms}); it is 100 ms unless set.
 *
 * <p>The recorder reads the fields, by name.
 */
@SuppressWarnings("UnusedVariable")
@Name("mdfuse.SlowOperation")
@Label("Slow Operation")
@Category("mdfuse")
@Description("A read, write, flush or trim of the volume that took longer than the threshold")
@Threshold("100 ms")
@StackTrace(false)
public final class SlowOperation extends Event {
    @Label("Operation")
    private String operation = "";

    @Label("Offset")
    @Description("Where the request begins in the volume")
    @DataAmount(DataAmount.BYTES)
    private long offset;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    private long length;

    @Label("Succeeded")
    private boolean succeeded;

    private SlowOperation() {}

    /** Begins an event; null if no recording was ever started in this process, so that a request allocates nothing. */
    static @Nullable SlowOperation begun() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        SlowOperation event = new SlowOperation();
        event.begin();
        return event;
    }

    /** Ends the event; it is recorded if it took longer than the threshold of a recording. */
    void ended(OperationKind kind, long offsetBytes, long lengthBytes, boolean succeeded) {
        end();
        if (shouldCommit()) {
            this.operation = kind.text();
            this.offset = offsetBytes;
            this.length = lengthBytes;
            this.succeeded = succeeded;
            commit();
        }
    }
}
