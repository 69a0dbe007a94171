package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StripeLocksTest {
    private final StripeLocks locks = new StripeLocks();

    @Test
    void everyPairOfIntervalsExcludesEachOtherWhereTheyOverlap() {
        for (long from = 0; from < 6; from++) {
            for (long end = from + 1; end <= 6; end++) {
                for (long otherFrom = 0; otherFrom < 6; otherFrom++) {
                    for (long otherEnd = otherFrom + 1; otherEnd <= 6; otherEnd++) {
                        try (StripeLocks.Lease _ = locks.lock(from, end);
                                StripeLocks.Lease other = locks.tryLock(otherFrom, otherEnd)) {
                            boolean overlap = otherFrom < end && from < otherEnd;
                            assertEquals(overlap, other == null);
                        }
                    }
                }
            }
        }
        assertNotNull(locks.tryLock(0, 6), "all have been given back");
    }

    /**
     * Stripes that nobody holds are refused too where somebody waits for them, for that one may wait for the caller.
     */
    @Test
    void nobodyPassesOneWhoWaits() throws Exception {
        StripeLocks.Lease first = locks.lock(0, 8);
        List<String> order = new ArrayList<>();
        Thread wide = Thread.ofPlatform().start(() -> {
            try (StripeLocks.Lease _ = locks.lock(0, 64)) {
                order.add("wide");
            }
        });
        awaitWaiting(wide);
        assertNull(locks.tryLock(32, 40));
        assertNotNull(locks.tryLock(64, 72));
        Thread narrow = Thread.ofPlatform().start(() -> {
            try (StripeLocks.Lease _ = locks.lock(32, 40)) {
                order.add("narrow");
            }
        });
        awaitWaiting(narrow);
        first.close();
        wide.join();
        narrow.join();
        assertEquals(List.of("wide", "narrow"), order);
        assertNotNull(locks.tryLock(0, 64));
    }

    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(System.nanoTime() < end, "it does not wait");
            LockSupport.parkNanos(50_000);
        }
    }
}
