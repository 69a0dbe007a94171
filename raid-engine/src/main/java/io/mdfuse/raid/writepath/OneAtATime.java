package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;

/**
 * A task that runs in the background, never twice at the same time. A request during a run has it run once more
 * afterwards, since that run may already have checked what has changed since. Thread-safe.
 *
 * <pre>
 *          request()             request()
 *   IDLE ────────────▶ RUNNING ────────────▶ AGAIN
 *     ▲                 │  ▲                   │
 *     └──── run ends ───┘  └───── run ends ────┘ and starts again
 *
 *   close()   requests have no effect any more; waits until the task is IDLE
 * </pre>
 *
 * A run that throws ends its thread like any other run: if the task was requested meanwhile, one more run follows on
 * another thread of the executor; otherwise the task is IDLE, and may be requested again.
 */
final class OneAtATime implements AutoCloseable {
    private enum State {
        IDLE,
        RUNNING,
        AGAIN
    }

    private final Runnable task;
    private final Executor executor;
    private final RankedLock lock = new RankedLock(LockRank.BACKGROUND_TASK);
    private final Condition idle = lock.newCondition();
    private State state = State.IDLE;
    private boolean closed;

    OneAtATime(Runnable task, Executor executor) {
        this.task = task;
        this.executor = executor;
    }

    /**
     * Hands the task to the executor, unless it runs. Waits for nothing.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the executor has ended
     */
    void request() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (closed) {
                return;
            }
            if (state != State.IDLE) {
                state = State.AGAIN;
                return;
            }
            state = State.RUNNING;
        }
        start();
    }

    private void start() {
        Runs runs = new Runs();
        try {
            executor.execute(runs);
        } catch (RuntimeException | Error e) {
            if (!runs.begun) {
                becomeIdle();
            }
            throw e;
        }
    }

    /** What the executor is given: all runs until the task is idle. */
    private final class Runs implements Runnable {
        private volatile boolean begun;

        @Override
        public void run() {
            begun = true;
            do {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    if (isRequestedAgain()) {
                        startAfter(e);
                    }
                    throw e;
                }
            } while (isRequestedAgain());
        }

        /** The run that was requested during a run that threw, since that run ends its thread. */
        private void startAfter(Throwable thrown) {
            try {
                start();
            } catch (RuntimeException | Error e) {
                if (e != thrown) {
                    thrown.addSuppressed(e);
                }
            }
        }
    }

    private void becomeIdle() {
        try (RankedLock.Held _ = lock.acquire()) {
            state = State.IDLE;
            idle.signalAll();
        }
    }

    /** True if one more run is due; if not, the task is idle. */
    private boolean isRequestedAgain() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (state == State.AGAIN && !closed) {
                state = State.RUNNING;
                return true;
            }
            state = State.IDLE;
            idle.signalAll();
            return false;
        }
    }

    /**
     * Ends the task: no run starts any more, and when this returns none is under way. Waits for a run as long as it
     * takes, since it may use devices and memory that the caller releases next. The caller must hold no lock that the
     * task needs, and must not be the task. May be called again.
     */
    @Override
    public void close() {
        try (RankedLock.Held _ = lock.acquire()) {
            closed = true;
            while (state != State.IDLE) {
                idle.awaitUninterruptibly();
            }
        }
    }
}
