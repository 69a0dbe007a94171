package io.mdfuse.raid.statistics;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/**
 * Counts the requests of one kind. Any thread may count and any thread may take a snapshot at any time; none of them
 * waits, and a count allocates nothing.
 */
public final class OperationCounters {
    /** The longest latency that is distinguished, in microseconds; a longer one counts as this. */
    static final long LONGEST_MICROS = 120_000_000;

    /** The latencies are kept with two significant digits: an error of 1 percent at most. */
    private static final int SIGNIFICANT_DIGITS = 2;

    private static final int NANOS_PER_MICRO = 1000;

    private final LongAdder errors = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final AtomicHistogram micros = new AtomicHistogram(1, LONGEST_MICROS, SIGNIFICANT_DIGITS);

    /**
     * Counts a request that has ended.
     *
     * @param tookNanos how long the request took
     * @param lengthBytes its length; a request that failed adds none to the bytes
     */
    void count(long tookNanos, long lengthBytes, boolean succeeded) {
        if (succeeded) {
            bytes.add(lengthBytes);
        } else {
            errors.increment();
        }
        nanos.add(tookNanos);
        micros.recordValue(Math.clamp(tookNanos / NANOS_PER_MICRO, 0, LONGEST_MICROS));
    }

    /** A snapshot. Requests that end meanwhile may be in some of its figures and not in others. */
    OperationFigures figures() {
        Histogram latencies = new Histogram(1, LONGEST_MICROS, SIGNIFICANT_DIGITS);
        latencies.add(micros);
        return new OperationFigures(errors.sum(), bytes.sum(), nanos.sum(), latencies);
    }
}
