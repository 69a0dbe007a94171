package io.mdfuse.raid.sync;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Limits the speed of a pass over all stripes, so that it hardly slows down requests: md's sync_speed_min and
 * sync_speed_max. Speeds are in KiB per second of each member, as md counts them.
 *
 * <pre>
 *                 a request was made
 *   FREE ───────────────────────────────────▶ YIELDING
 *    ▲   at most the maximum                      │   at most the minimum
 *    └────────────────────────────────────────────┘
 *              none for {@link #QUIET_MILLIS}
 * </pre>
 *
 * The minimum is a guarantee: however busy the array is, no pause is longer than that speed needs. The measurement
 * starts again at each change of state or speed and each second, so that a fast stretch causes no long pause later.
 *
 * <p>The pause is made by the one thread that makes the pass, which has no lease meanwhile. Any thread may set the
 * speeds and count requests.
 */
public final class SyncPace {
    /** md's default for a system. */
    public static final int DEFAULT_MIN_KIB = 1000;

    /** No limit except the speed of the members. */
    public static final int UNLIMITED_KIB = Integer.MAX_VALUE;

    /** How long there must have been no request before the array counts as idle. */
    static final long QUIET_MILLIS = 300;

    private static final long WINDOW_NANOS = 1_000_000_000;
    private static final long SPACE_RETRY_NANOS = 1_000_000_000;
    private static final long LONGEST_NAP_NANOS = 50_000_000;

    /** Sleeps; replaced in tests. */
    public interface Sleeper {
        /** Sleeps for at most so many nanoseconds. */
        void sleep(long nanos) throws InterruptedException;
    }

    private final LongSupplier requestsServed;
    private final LongSupplier nanoClock;
    private final Sleeper sleeper;
    private volatile int minKibPerSecond = DEFAULT_MIN_KIB;
    private volatile int maxKibPerSecond = UNLIMITED_KIB;
    private long requestsSeen;
    private long lastRequestNanos;
    private boolean yielding;
    private int windowLimit;
    private long windowStartNanos;
    private long windowBytes;
    private volatile long kibPerSecond;

    /** A pace in real time. */
    public SyncPace(LongSupplier requestsServed) {
        this(requestsServed, System::nanoTime, nanos -> Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000)));
    }

    /**
     * A pace.
     *
     * @param requestsServed how many requests the array's users have made so far
     */
    public SyncPace(LongSupplier requestsServed, LongSupplier nanoClock, Sleeper sleeper) {
        this.requestsServed = requestsServed;
        this.nanoClock = nanoClock;
        this.sleeper = sleeper;
        this.requestsSeen = requestsServed.getAsLong();
        this.windowStartNanos = nanoClock.getAsLong();
        this.lastRequestNanos = windowStartNanos - QUIET_MILLIS * 1_000_000;
    }

    /** Sets the speed that is kept up however busy the array is, in KiB per second; less than 1 counts as 1. */
    public void setMinKibPerSecond(int speed) {
        minKibPerSecond = Math.max(1, speed);
    }

    /** Sets the speed that is never exceeded, in KiB per second; less than 1 counts as 1. */
    public void setMaxKibPerSecond(int speed) {
        maxKibPerSecond = Math.max(1, speed);
    }

    public int minKibPerSecond() {
        return minKibPerSecond;
    }

    public int maxKibPerSecond() {
        return maxKibPerSecond;
    }

    /** The speed in the last measured second, pauses included. */
    public long kibPerSecond() {
        return kibPerSecond;
    }

    /**
     * Counts the progress of the pass, and pauses if the pass is faster than its limit.
     *
     * @param bytesPerMember bytes of each member that were passed since the last call
     * @param stop ends the pause once it is true
     */
    public void passed(long bytesPerMember, BooleanSupplier stop) throws InterruptedException {
        long now = nanoClock.getAsLong();
        if (now - windowStartNanos > WINDOW_NANOS) {
            kibPerSecond = speed(windowBytes, now - windowStartNanos);
            startWindow(now);
        }
        windowBytes += bytesPerMember;
        while (!stop.getAsBoolean()) {
            now = nanoClock.getAsLong();
            observeRequests(now);
            int limit = yielding ? Math.min(minKibPerSecond, maxKibPerSecond) : maxKibPerSecond;
            if (limit != windowLimit) {
                windowLimit = limit;
                startWindow(now);
                windowBytes = bytesPerMember;
            }
            long dueNanos = (long) (windowBytes / 1024.0 / limit * 1e9);
            long leftNanos = windowStartNanos + dueNanos - now;
            if (leftNanos <= 0) {
                return;
            }
            sleeper.sleep(Math.min(leftNanos, LONGEST_NAP_NANOS));
        }
    }

    /** Waits a second; {@code stop} ends the wait. For a range that the host had no space for, before the next try. */
    void awaitHostSpace(BooleanSupplier stop) throws InterruptedException {
        long end = nanoClock.getAsLong() + SPACE_RETRY_NANOS;
        for (long left = SPACE_RETRY_NANOS; left > 0 && !stop.getAsBoolean(); left = end - nanoClock.getAsLong()) {
            sleeper.sleep(Math.min(left, LONGEST_NAP_NANOS));
        }
    }

    private void observeRequests(long now) {
        long requests = requestsServed.getAsLong();
        if (requests != requestsSeen) {
            requestsSeen = requests;
            lastRequestNanos = now;
        }
        yielding = now - lastRequestNanos < QUIET_MILLIS * 1_000_000;
    }

    private void startWindow(long now) {
        windowStartNanos = now;
        windowBytes = 0;
    }

    private static long speed(long bytes, long nanos) {
        return (long) (bytes / 1024.0 / (nanos / 1e9));
    }
}
