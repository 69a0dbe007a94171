package io.mdfuse.fuse;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the requests in flight, and can be shut: from then on nobody enters, and {@link #awaitEmpty} returns once
 * the last one inside has left. It lets a stop finish every request that was begun, and begin none, before the
 * volume below is closed.
 *
 * <p>The state is one number: twice the requests inside, plus one when shut. So entering and asking whether the
 * gate is shut are a single atomic step, and no request can slip in between.
 */
final class RequestGate {
    private static final long SHUT = 1;
    private static final long ONE_REQUEST = 2;
    private static final long POLL_NANOS = 1_000_000;

    private final AtomicLong state = new AtomicLong();

    /** Counts a request in, unless the gate is shut. Each true needs one {@link #leave}. */
    boolean enter() {
        if ((state.getAndAdd(ONE_REQUEST) & SHUT) == 0) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        state.addAndGet(-ONE_REQUEST);
    }

    void shut() {
        state.updateAndGet(value -> value | SHUT);
    }

    /**
     * Returns true once nothing is inside, and false if something still is after that time. It polls, so that leaving
     * costs the hot path no more than a subtraction.
     */
    boolean awaitEmpty(Duration limit) {
        long startNanos = System.nanoTime();
        while (state.get() >= ONE_REQUEST) {
            if (System.nanoTime() - startNanos > limit.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    /** How many requests are inside. */
    long inside() {
        return state.get() / ONE_REQUEST;
    }
}
