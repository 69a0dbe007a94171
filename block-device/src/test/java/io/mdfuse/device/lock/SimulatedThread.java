package io.mdfuse.device.lock;

/**
 * Stands for another thread in a test that does everything in one: what it acquires is noted for it alone, and it holds
 * none of the locks that the test's own thread holds. The test sees to it that a real thread would not have to wait.
 */
public final class SimulatedThread {
    private Object held = LockOrder.noLocks();

    /** What it does. */
    public interface Action<T, E extends Exception> {
        T run() throws E;
    }

    /** What it does without an answer. */
    public interface Step<E extends Exception> {
        void run() throws E;
    }

    /** Has it do something, on the test's thread. */
    public <T, E extends Exception> T call(Action<T, E> action) throws E {
        Object own = LockOrder.exchange(held);
        try {
            return action.run();
        } finally {
            held = LockOrder.exchange(own);
        }
    }

    /** The same without an answer. */
    public <E extends Exception> void run(Step<E> step) throws E {
        Object own = LockOrder.exchange(held);
        try {
            step.run();
        } finally {
            held = LockOrder.exchange(own);
        }
    }
}
