package io.mdfuse.raid.statistics;

import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts and times the requests of one volume. Thread-safe; no method waits for anything but the request itself. */
public final class VolumeCounters {
    private final OperationCounters reads = new OperationCounters();
    private final OperationCounters writes = new OperationCounters();
    private final OperationCounters flushes = new OperationCounters();
    private final OperationCounters trims = new OperationCounters();
    private final long startedNanos = System.nanoTime();

    /** A request. */
    @FunctionalInterface
    public interface Request {
        void run() throws IOException;
    }

    /**
     * Runs a request on the calling thread and counts it when it has ended, however it ends.
     *
     * @param offsetBytes where it begins in the volume; 0 for a flush
     * @param lengthBytes its length; 0 for a flush
     * @throws IOException what the request throws
     */
    public void run(OperationKind kind, long offsetBytes, long lengthBytes, Request request) throws IOException {
        @Nullable SlowOperation event = SlowOperation.begun();
        long beganNanos = System.nanoTime();
        boolean succeeded = false;
        try {
            request.run();
            succeeded = true;
        } finally {
            of(kind).count(System.nanoTime() - beganNanos, lengthBytes, succeeded);
            if (event != null) {
                event.ended(kind, offsetBytes, lengthBytes, succeeded);
            }
        }
    }

    private OperationCounters of(OperationKind kind) {
        return switch (kind) {
            case READ -> reads;
            case WRITE -> writes;
            case FLUSH -> flushes;
            case TRIM -> trims;
        };
    }

    /** How long these counters have counted, in nanoseconds. */
    public long ageNanos() {
        return System.nanoTime() - startedNanos;
    }

    /** A snapshot of each kind, in the order of the kinds. */
    public Map<OperationKind, OperationFigures> figures() {
        Map<OperationKind, OperationFigures> figures = new EnumMap<>(OperationKind.class);
        for (OperationKind kind : OperationKind.values()) {
            figures.put(kind, of(kind).figures());
        }
        return Collections.unmodifiableMap(figures);
    }
}
