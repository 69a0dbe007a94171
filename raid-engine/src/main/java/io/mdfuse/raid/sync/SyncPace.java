package io.mdfuse.raid.sync;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How fast a pass over all stripes may go, so that whoever uses the array hardly notices it: md's sync_speed_min and
 * sync_speed_max. Speeds are in KiB per second of each member, as md counts them.
 *
 * <pre>
 *                 a request came in
 *   FREE ───────────────────────────────────▶ YIELDING
 *    ▲   at most the maximum                      │   at most the minimum
 *    └────────────────────────────────────────────┘
 *              none for {@link #QUIET_MILLIS}
 * </pre>
 *
 * The minimum is a guarantee: however busy the array is, no pause is longer than that speed needs. What is measured
 * begins anew with each change of state or speed and each second, so that what was fast before is not paid for later.
 *
 * <p>Used by the one thread that makes the pass, which holds no stripes while it pauses; the speeds and the count of
 * requests may be changed by any.
 */
public final class SyncPace {
    /** md's default for a whole system. */
    public static final int DEFAULT_MIN_KIB = 1000;

    /** No limit but the members' own. */
    public static final int UNLIMITED_KIB = Integer.MAX_VALUE;

    /** For how long no request must have come in before the array counts as idle. */
    static final long QUIET_MILLIS = 300;

    private static final long WINDOW_NANOS = 1_000_000_000;
    private static final long ROOM_RETRY_NANOS = 1_000_000_000;
    private static final long LONGEST_NAP_NANOS = 50_000_000;

    /** Time as it passes, and as it is passed. */
    public interface Sleeper {
        /** Returns after so many nanoseconds, or earlier. */
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

    /** Sets the speed that is kept up however busy the array is; at least 1. */
    public void setMinKibPerSecond(int speed) {
        minKibPerSecond = Math.max(1, speed);
    }

    /** Sets the speed that is never passed; at least 1. */
    public void setMaxKibPerSecond(int speed) {
        maxKibPerSecond = Math.max(1, speed);
    }

    public int minKibPerSecond() {
        return minKibPerSecond;
    }

    public int maxKibPerSecond() {
        return maxKibPerSecond;
    }

    /** The speed of late, pauses included. */
    public long kibPerSecond() {
        return kibPerSecond;
    }

    /**
     * Takes note of what was just done, and pauses as long as it was too much for its time.
     *
     * @param bytesPerMember how far the pass has come since the last call
     * @param stop ends the pause
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
            look(now);
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
    void awaitRoom(BooleanSupplier stop) throws InterruptedException {
        long end = nanoClock.getAsLong() + ROOM_RETRY_NANOS;
        for (long left = ROOM_RETRY_NANOS; left > 0 && !stop.getAsBoolean(); left = end - nanoClock.getAsLong()) {
            sleeper.sleep(Math.min(left, LONGEST_NAP_NANOS));
        }
    }

    private void look(long now) {
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
