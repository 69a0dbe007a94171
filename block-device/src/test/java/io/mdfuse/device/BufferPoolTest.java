package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BufferPoolTest {
    @Test
    void buffersAreAlignedAndDoNotOverlap() {
        try (BufferPool pool = new BufferPool(8192, 3);
                BufferPool.Lease first = pool.acquire();
                BufferPool.Lease second = pool.acquire()) {
            assertEquals(0, first.segment().address() % 4096);
            assertEquals(0, second.segment().address() % 4096);
            assertEquals(8192, first.segment().byteSize());
            assertTrue(Math.abs(first.segment().address() - second.segment().address()) >= 8192);
            assertEquals(1, pool.available());
        }
    }

    @Test
    void buffersAreReusedAndNoneIsAllocatedBeyondTheCapacity() {
        try (BufferPool pool = new BufferPool(4096, 2)) {
            BufferPool.Lease first = pool.acquire();
            BufferPool.Lease second = pool.acquire();
            assertNull(pool.tryAcquire());
            second.close();
            assertSame(second, pool.tryAcquire());
            first.close();
            second.close();
            assertSame(second, pool.acquire(), "the buffer released last, whose bytes are in the cache");
            second.close();
            assertEquals(2, pool.available());
        }
    }

    @Test
    void releasingABufferTwiceIsRefused() {
        try (BufferPool pool = new BufferPool(4096, 1)) {
            BufferPool.Lease lease = pool.acquire();
            lease.close();
            assertThrows(IllegalStateException.class, lease::close);
            assertEquals(1, pool.available());
        }
    }

    @Test
    void aWaitingThreadGetsAReleasedBufferEvenAfterAnInterrupt() throws Exception {
        try (BufferPool pool = new BufferPool(4096, 1)) {
            BufferPool.Lease lease = pool.acquire();
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch got = new CountDownLatch(1);
            Thread waiter = Thread.ofPlatform().start(() -> {
                started.countDown();
                try (BufferPool.Lease mine = pool.acquire()) {
                    assertNotNull(mine.segment());
                    got.countDown();
                }
            });
            started.await();
            waiter.interrupt();
            assertFalse(got.await(50, TimeUnit.MILLISECONDS));
            lease.close();
            assertTrue(got.await(10, TimeUnit.SECONDS));
            waiter.join();
            assertEquals(1, pool.available());
        }
    }

    @Test
    void noTwoThreadsEverHoldTheSameBuffer() throws Exception {
        try (BufferPool pool = new BufferPool(4096, 3);
                ExecutorService executor = Executors.newFixedThreadPool(6)) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 1; thread <= 6; thread++) {
                long mark = thread;
                done.add(executor.submit(() -> {
                    for (int i = 0; i < 2000; i++) {
                        try (BufferPool.Lease lease = pool.acquire()) {
                            lease.segment().set(ValueLayout.JAVA_LONG, 0, mark);
                            Thread.onSpinWait();
                            assertEquals(mark, lease.segment().get(ValueLayout.JAVA_LONG, 0));
                        }
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
            assertEquals(3, pool.available());
        }
    }

    @Test
    void closeFreesTheMemoryOnceTheLastBufferIsReleased() {
        BufferPool pool = new BufferPool(4096, 2);
        BufferPool.Lease lease = pool.acquire();
        MemorySegment segment = lease.segment();
        pool.close();
        assertThrows(IllegalStateException.class, pool::acquire);
        segment.fill((byte) 1);
        assertTrue(segment.scope().isAlive());
        lease.close();
        assertFalse(segment.scope().isAlive());
        pool.close();
    }

    @Test
    void invalidSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new BufferPool(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new BufferPool(4095, 1));
        assertThrows(IllegalArgumentException.class, () -> new BufferPool(4096, 0));
        try (BufferPool pool = new BufferPool(4096, 1)) {
            assertNotEquals(0, pool.capacity());
            assertEquals(4096, pool.bufferBytes());
        }
    }
}
