package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RequestGateTest {
    private final RequestGate gate = new RequestGate();

    @Test
    void aShutGateLetsOutButNotIn() {
        assertTrue(gate.enter());
        gate.shut();
        gate.shut();
        assertFalse(gate.enter());
        gate.leave();
        assertTrue(gate.awaitEmpty(Duration.ofMinutes(1)));
        assertFalse(gate.enter());
    }

    /** A request that entered before the gate was shut is waited for; no request is inside afterwards. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void noRequestIsInsideOnceTheGateIsEmpty() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            RequestGate shared = new RequestGate();
            AtomicInteger inside = new AtomicInteger();
            AtomicBoolean emptied = new AtomicBoolean();
            AtomicInteger insideAfterwards = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    while (shared.enter()) {
                        inside.incrementAndGet();
                        if (emptied.get()) {
                            insideAfterwards.incrementAndGet();
                        }
                        inside.decrementAndGet();
                        shared.leave();
                    }
                }));
            }
            shared.shut();
            assertTrue(shared.awaitEmpty(Duration.ofMinutes(1)));
            emptied.set(true);
            int left = inside.get();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, left);
            assertEquals(0, insideAfterwards.get());
        }
    }
}
