package io.mdfuse.raid.array;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps that release devices, threads and memory, all of them even if one throws an exception or an error of any
 * kind. {@link #throwFirst} then throws the first failure, with the later ones suppressed in it. For one thread.
 */
final class CloseSteps {
    private @Nullable Throwable first;

    /** No failure yet. */
    CloseSteps() {}

    /**
     * Steps after a failure.
     *
     * @param first the failure to report
     */
    CloseSteps(Throwable first) {
        this.first = first;
    }

    /** One step. */
    interface Step {
        void run() throws IOException;
    }

    /** Runs the step, and keeps the exception or error that it throws. */
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

    /** The first failure, for the caller to throw. A failure that is not an {@link IOException} is thrown here. */
    IOException failure() {
        if (first instanceof IOException e) {
            return e;
        }
        throwFirstUnchecked();
        throw new IllegalStateException("nothing has failed");
    }

    /** Throws the first failure; returns if there was none. */
    void throwFirst() throws IOException {
        if (first instanceof IOException e) {
            throw e;
        }
        throwFirstUnchecked();
    }

    /** Like {@link #throwFirst}, for steps that throw no {@link IOException}. */
    void throwFirstUnchecked() {
        switch (first) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(first);
        }
    }
}
