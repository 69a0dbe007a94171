package io.mdfuse.raid.writepath;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A task that runs in the background, never twice at the same time. A request during a run has it run once more
 * afterwards, since that run may already have checked what has changed since. Thread-safe.
 *
 * <pre>
 *          request()             request()
 *   IDLE ────────────▶ RUNNING ────────────▶ AGAIN
 *     ▲                 │  ▲                   │
 *     └──── run ends ───┘  └───── run ends ────┘ and starts again
 * </pre>
 */
final class OneAtATime {
    private enum State {
        IDLE,
        RUNNING,
        AGAIN
    }

    private final Runnable task;
    private final Executor executor;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

    OneAtATime(Runnable task, Executor executor) {
        this.task = task;
        this.executor = executor;
    }

    void request() {
        State before = state.getAndUpdate(now -> now == State.IDLE ? State.RUNNING : State.AGAIN);
        if (before == State.IDLE) {
            executor.execute(this::run);
        }
    }

    private void run() {
        while (true) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                state.set(State.IDLE);
                throw e;
            }
            if (state.compareAndSet(State.RUNNING, State.IDLE)) {
                return;
            }
            state.set(State.RUNNING);
        }
    }
}
