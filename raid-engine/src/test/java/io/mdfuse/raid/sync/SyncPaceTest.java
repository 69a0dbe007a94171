package io.mdfuse.raid.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Speeds by a simulated clock, on which each batch takes a millisecond and the test schedules the requests. */
class SyncPaceTest {
    private static final long BATCH_BYTES = 256 * 1024;
    private static final long MILLI = 1_000_000;

    private final AtomicLong nanos = new AtomicLong(5_000_000_000L);
    private final AtomicLong requests = new AtomicLong();
    private long nextRequestNanos = Long.MAX_VALUE;

    private final SyncPace pace = new SyncPace(
            () -> {
                while (nanos.get() >= nextRequestNanos) {
                    requests.incrementAndGet();
                    nextRequestNanos += 10 * MILLI;
                }
                return requests.get();
            },
            nanos::get,
            nanos::addAndGet);

    /** The speed over so many seconds, in KiB per second. */
    private long speedOver(int seconds) throws InterruptedException {
        long from = nanos.get();
        long bytes = 0;
        while (nanos.get() - from < seconds * 1_000_000_000L) {
            nanos.addAndGet(MILLI);
            pace.passed(BATCH_BYTES, () -> false);
            bytes += BATCH_BYTES;
        }
        return (long) (bytes / 1024.0 / ((nanos.get() - from) / 1e9));
    }

    private static void assertNear(long expected, long found) {
        assertTrue(Math.abs(found - expected) <= expected / 10 + 100, "expected about " + expected + ", was " + found);
    }

    @Test
    void anIdleArrayIsPassedAtTheSpeedOfItsMembers() throws InterruptedException {
        assertNear(256_000, speedOver(3));
        assertNear(256_000, pace.kibPerSecond());
    }

    @Test
    void theMaximumIsKept() throws InterruptedException {
        pace.setMaxKibPerSecond(20_000);
        assertNear(20_000, speedOver(3));
        pace.setMaxKibPerSecond(5_000);
        assertNear(5_000, speedOver(5));
    }

    @Test
    void requestsSlowItDownToTheMinimumAndNoFurther() throws InterruptedException {
        speedOver(3);
        nextRequestNanos = nanos.get();
        pace.setMinKibPerSecond(2_000);
        assertNear(2_000, speedOver(4));
        assertNear(2_000, pace.kibPerSecond());
        pace.setMinKibPerSecond(8_000);
        assertNear(8_000, speedOver(4));
    }

    /** After a time without requests the first request causes no long pause of the pass, nor the other way round. */
    @Test
    void aPassIsFastAgainSoonAfterTheLastRequest() throws InterruptedException {
        nextRequestNanos = nanos.get();
        speedOver(2);
        nextRequestNanos = Long.MAX_VALUE;
        long from = nanos.get();
        nanos.addAndGet(MILLI);
        pace.passed(BATCH_BYTES, () -> false);
        pace.passed(BATCH_BYTES, () -> false);
        long waitedMillis = (nanos.get() - from) / MILLI;
        assertTrue(waitedMillis <= SyncPace.QUIET_MILLIS + 100, "waited " + waitedMillis);
        assertNear(256_000, speedOver(2));
    }

    @Test
    void aPauseEndsIfThePassIsStopped() throws InterruptedException {
        pace.setMaxKibPerSecond(1);
        long from = nanos.get();
        pace.passed(BATCH_BYTES, () -> nanos.get() - from > 120 * MILLI);
        assertTrue(nanos.get() - from < 200 * MILLI);
        assertEquals(1, pace.maxKibPerSecond());
    }
}
