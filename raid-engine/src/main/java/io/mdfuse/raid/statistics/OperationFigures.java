package io.mdfuse.raid.statistics;

import org.HdrHistogram.Histogram;

/**
 * The requests of one kind since the array was opened.
 *
 * @param errors how many failed
 * @param bytes the length of those that succeeded; 0 for flushes
 * @param sumNanos the time that all of them took, added up
 * @param latencyMicros how long each took, in microseconds; it belongs to this snapshot, and nothing is added to it
 */
public record OperationFigures(long errors, long bytes, long sumNanos, Histogram latencyMicros) {
    /** How many requests have ended, with those that failed. */
    public long operations() {
        return latencyMicros.getTotalCount();
    }
}
