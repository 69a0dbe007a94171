package io.mdfuse.raid.array;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Steps that must all be done, although one before failed with an exception or an error of any kind: each part that
 * holds a device, a thread or memory is released. {@link #throwFirst} then reports the first failure, with the later
 * ones suppressed in it. For one thread.
 */
final class CloseSteps {
    private @Nullable Throwable first;

    /** Nothing has failed so far. */
    CloseSteps() {}

    /** Something has failed already, and that is to be reported. */
    CloseSteps(Throwable first) {
        this.first = first;
    }

    /** One step. */
    interface Step {
        void run() throws IOException;
    }

    /** Does the step, and keeps what it throws. */
    void run(Step step) {
        try {
            step.run();
        } catch (Throwable e) {
            if (first == null) {
                first = e;
            } else if (e != first) {
                first.addSuppressed(e);
            }
        }
    }

    /** What failed first, for the caller to throw; a failure that is no {@link IOException} is thrown here. */
    IOException failure() {
        if (first instanceof IOException e) {
            return e;
        }
        throwFirstUnchecked();
        throw new IllegalStateException("nothing has failed");
    }

    /** Throws what failed first; returns if nothing did. */
    void throwFirst() throws IOException {
        if (first instanceof IOException e) {
            throw e;
        }
        throwFirstUnchecked();
    }

    /** As {@link #throwFirst}, after steps that throw no {@link IOException}. */
    void throwFirstUnchecked() {
        switch (first) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(first);
        }
    }
}
