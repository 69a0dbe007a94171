package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.lock.SimulatedThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StripeLocksTest {
    private final StripeLocks locks = new StripeLocks();
    private long unusedSector = 1 << 20;

    private StripeLocks.Lease lock(long fromSector, long endSector) {
        return locks.lock(new StripeRange(fromSector, endSector));
    }

    /** Whether another thread's lease could have the range added to it, which is then released. */
    private boolean tryLock(long fromSector, long endSector) {
        unusedSector += 8;
        StripeRange unused = StripeRange.ofStripe(unusedSector);
        return new SimulatedThread().call(() -> {
            try (StripeLocks.Lease lease = locks.lock(unused)) {
                return lease.tryAdd(new StripeRange(fromSector, endSector));
            }
        });
    }

    @Test
    void twoRangesExcludeEachOtherIfTheyIntersect() {
        for (long from = 0; from < 6; from++) {
            for (long end = from + 1; end <= 6; end++) {
                for (long otherFrom = 0; otherFrom < 6; otherFrom++) {
                    for (long otherEnd = otherFrom + 1; otherEnd <= 6; otherEnd++) {
                        try (StripeLocks.Lease _ = lock(8 * from, 8 * end)) {
                            boolean overlap = otherFrom < end && from < otherEnd;
                            assertEquals(overlap, !tryLock(8 * otherFrom, 8 * otherEnd));
                        }
                    }
                }
            }
        }
        assertTrue(tryLock(0, 48), "all leases have been closed");
    }

    /**
     * A free range is refused too if another thread waits for it, since that thread may wait for the caller.
     */
    @Test
    void noRequestOvertakesAWaitingOne() throws Exception {
        StripeLocks.Lease first = lock(0, 8);
        List<String> order = new ArrayList<>();
        Thread wide = Thread.ofPlatform().start(() -> {
            try (StripeLocks.Lease _ = lock(0, 64)) {
                order.add("wide");
            }
        });
        awaitWaiting(wide);
        assertFalse(tryLock(32, 40));
        assertTrue(tryLock(64, 72));
        Thread narrow = Thread.ofPlatform().start(() -> {
            try (StripeLocks.Lease _ = lock(32, 40)) {
                order.add("narrow");
            }
        });
        awaitWaiting(narrow);
        first.close();
        wide.join();
        narrow.join();
        assertEquals(List.of("wide", "narrow"), order);
        assertTrue(tryLock(0, 64));
    }

    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(System.nanoTime() < end, "it does not wait");
            LockSupport.parkNanos(50_000);
        }
    }
}
