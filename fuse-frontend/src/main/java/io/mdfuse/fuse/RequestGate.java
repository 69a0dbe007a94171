package io.mdfuse.fuse;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the requests in flight, and can be shut: from then on no request enters, and {@link #awaitEmpty} returns once
 * the last request inside has left. So a stop finishes every request that has begun, and begins none, before the volume
 * is closed.
 *
 * <p>The state is one number: twice the number of requests inside, plus one if the gate is shut. So entering and the
 * check whether the gate is shut are one atomic step, and no request can enter in between.
 */
final class RequestGate {
    private static final long SHUT = 1;
    private static final long ONE_REQUEST = 2;
    private static final long POLL_NANOS = 1_000_000;

    private final AtomicLong state = new AtomicLong();

    /** Enters a request, unless the gate is shut. After true the caller must call {@link #leave} once. */
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
     * Returns true once no request is inside, false if one still is after that time. It polls, so that leaving costs
     * the hot path only a subtraction.
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
