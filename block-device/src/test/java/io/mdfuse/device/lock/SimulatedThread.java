package io.mdfuse.device.lock;

/**
 * Simulates another thread in a test that runs in one thread: the locks that it acquires are recorded separately, and
 * it holds none of the locks of the test's thread. The test makes sure that a real thread would not have to wait.
 */
public final class SimulatedThread {
    private Object held = LockOrder.noLocks();

    /** What the thread does, with a result. */
    public interface Action<T, E extends Exception> {
        T run() throws E;
    }

    /** What the thread does, without a result. */
    public interface Step<E extends Exception> {
        void run() throws E;
    }

    /** Runs the action on the test's thread, with the locks of the simulated one. */
    public <T, E extends Exception> T call(Action<T, E> action) throws E {
        Object own = LockOrder.exchange(held);
        try {
            return action.run();
        } finally {
            held = LockOrder.exchange(own);
        }
    }

    /** The same without a result. */
    public <E extends Exception> void run(Step<E> step) throws E {
        Object own = LockOrder.exchange(held);
        try {
            step.run();
        } finally {
            held = LockOrder.exchange(own);
        }
    }
}
