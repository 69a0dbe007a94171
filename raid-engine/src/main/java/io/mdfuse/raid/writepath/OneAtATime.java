package io.mdfuse.raid.writepath;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A task that runs in the background, never twice at once. Whoever asks for it while it runs has it run once more
 * afterwards, for it may have looked already at what has changed since.
 *
 * <pre>
 *          request()             request()
 *   IDLE ────────────▶ RUNNING ────────────▶ AGAIN
 *     ▲                 │  ▲                   │
 *     └──── run ends ───┘  └───── run ends ────┘ and begins anew
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
