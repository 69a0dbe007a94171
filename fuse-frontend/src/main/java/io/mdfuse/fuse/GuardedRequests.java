package io.mdfuse.fuse;

/**
 * Runs the body of every callback, of either front end: inside the {@link RequestGate}, with every failure turned into
 * an error number by the {@link ErrnoLadder}. No exception leaves it, since an exception must not reach native code.
 */
final class GuardedRequests {
    private final RequestGate gate;
    private final ErrnoLadder ladder = new ErrnoLadder();

    GuardedRequests(RequestGate gate) {
        this.gate = gate;
    }

    /** A body whose result is the callback's: a number of bytes, or 0. */
    @FunctionalInterface
    interface Request {
        int serve() throws Exception;
    }

    /** A body that succeeds with 0. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    /** The result of the callback: what {@code request} returns, or a negative error number. */
    int answer(String operation, Request request) {
        if (!gate.enter()) {
            return FuseErrno.ESHUTDOWN.answer();
        }
        try {
            return request.serve();
        } catch (Throwable failure) {
            return ladder.answer(operation, failure);
        } finally {
            gate.leave();
        }
    }

    /** The result of the callback: 0, or a negative error number. */
    int done(String operation, Action action) {
        return answer(operation, () -> {
            action.run();
            return 0;
        });
    }
}
