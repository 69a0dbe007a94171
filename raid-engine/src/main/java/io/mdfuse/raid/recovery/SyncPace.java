package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast a background pass over the members may go: md's sync_speed_min and sync_speed_max, in KiB of each member in a
 * second. Below the minimum it never waits; between the two it gives way to requests; above the maximum it waits.
 */
public final class SyncPace {
    public static final int DEFAULT_MIN = 1000;
    public static final int DEFAULT_MAX = 200_000;

    /** How long the speed is measured over: old enough to even out, young enough to follow a change. */
    private static final Duration WINDOW = Duration.ofSeconds(3);

    private static final Duration NAP = Duration.ofMillis(20);

    private final InstantSource clock;
    private final AtomicLong requests = new AtomicLong();
    private volatile int minKibPerSecond = DEFAULT_MIN;
    private volatile int maxKibPerSecond = DEFAULT_MAX;
    private volatile long speedKibPerSecond;
    private long requestsSeen;
    private long windowStartMillis;
    private long windowBytes;

    public SyncPace(InstantSource clock) {
        this.clock = clock;
    }

    /** Somebody waits for the array: a request has come in. */
    public void requestSeen() {
        requests.incrementAndGet();
    }

    public int minKibPerSecond() {
        return minKibPerSecond;
    }

    public int maxKibPerSecond() {
        return maxKibPerSecond;
    }

    /** Sets the speed that a pass has even where requests want all there is. */
    public void setMin(int kibPerSecond) {
        minKibPerSecond = require(kibPerSecond);
    }

    /** Sets the speed that a pass never exceeds. */
    public void setMax(int kibPerSecond) {
        maxKibPerSecond = require(kibPerSecond);
    }

    private static int require(int kibPerSecond) {
        if (kibPerSecond <= 0) {
            throw new IllegalArgumentException("a speed is at least 1 KiB a second, not " + kibPerSecond);
        }
        return kibPerSecond;
    }

    /** The speed of late; 0 where no pass is under way. */
    public long speedKibPerSecond() {
        return speedKibPerSecond;
    }

    /** A pass begins. One pass at a time. */
    void begin() {
        windowStartMillis = clock.millis();
        windowBytes = 0;
        requestsSeen = requests.get();
    }

    /** The pass has ended. */
    void end() {
        speedKibPerSecond = 0;
    }

    /** So much of each member has been passed; waits as long as the pace asks for. The caller holds no stripes. */
    void passed(long sectors) {
        windowBytes += Sectors.toBytes(sectors);
        long elapsedMillis = measure();
        long atMost = windowBytes / 1024 * 1000 / maxKibPerSecond - elapsedMillis;
        if (elapsedMillis > 0 && atMost > 0) {
            sleep(atMost);
        }
        // Naps until nobody asks any more, or the pass has become slower than it may be made.
        while (requests.get() != requestsSeen && speedKibPerSecond > minKibPerSecond) {
            requestsSeen = requests.get();
            sleep(NAP.toMillis());
            measure();
        }
        requestsSeen = requests.get();
        if (clock.millis() - windowStartMillis > WINDOW.toMillis()) {
            windowStartMillis += (clock.millis() - windowStartMillis) / 2;
            windowBytes /= 2;
        }
    }

    private long measure() {
        long elapsedMillis = clock.millis() - windowStartMillis;
        if (elapsedMillis > 0) {
            speedKibPerSecond = windowBytes / 1024 * 1000 / elapsedMillis;
        }
        return elapsedMillis;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(Math.min(millis, 500));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
