package io.mdfuse.device.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records which locks each thread holds, and checks that it acquires them in the order of {@link LockRank}. A wrong
 * order can run for years without a deadlock; this check finds it the first time that a thread acquires two locks in
 * the wrong order, even if no other thread competes for them.
 *
 * <p>Each public method is called in an {@code assert} and returns true, so that a program without assertions neither
 * checks nor records anything. A lock is any object; the same object may be acquired again while it is held.
 *
 * <pre>
 *   assert LockOrder.mayAcquire(this, rank);   // before waiting for the lock
 *   lock.lock();
 *   assert LockOrder.acquired(this, rank);
 *   ...
 *   lock.unlock();
 *   assert LockOrder.released(this);
 * </pre>
 *
 * <p>A violation is logged as well as thrown, since a caller may catch an unchecked exception and report it as another
 * failure.
 */
public final class LockOrder {
    private static final Logger LOG = LoggerFactory.getLogger(LockOrder.class);

    private record Held(Object lock, LockRank rank) {}

    private static final ThreadLocal<List<Held>> HELD = ThreadLocal.withInitial(ArrayList::new);

    private static final AtomicInteger VIOLATIONS = new AtomicInteger();

    private LockOrder() {}

    /**
     * Checks that this thread may wait for a lock.
     *
     * @return true
     * @throws IllegalStateException if it holds another lock of the same or a later rank
     */
    public static boolean mayAcquire(Object lock, LockRank rank) {
        if (holds(lock)) {
            return true;
        }
        for (Held held : HELD.get()) {
            if (held.rank.compareTo(rank) >= 0) {
                throw violation(rank + " is acquired while " + held.rank
                        + " is held; locks are acquired in the order of LockRank");
            }
        }
        return true;
    }

    /**
     * Checks that this thread may try a lock without waiting: other locks of the same rank may be held.
     *
     * @return true
     * @throws IllegalStateException if it holds another lock of a later rank
     */
    public static boolean mayTryAcquire(Object lock, LockRank rank) {
        if (holds(lock)) {
            return true;
        }
        for (Held held : HELD.get()) {
            if (held.rank.compareTo(rank) > 0) {
                throw violation(rank + " is tried while " + held.rank
                        + " is held; locks are acquired in the order of LockRank");
            }
        }
        return true;
    }

    /**
     * Checks that this thread may wait on a condition of a lock. The wait ends with acquiring the lock again, so the
     * thread must hold no lock of the same or a later rank.
     *
     * @return true
     * @throws IllegalStateException if it holds another lock of the same or a later rank
     */
    public static boolean mayAwait(Object lock, LockRank rank) {
        for (Held held : HELD.get()) {
            if (held.lock != lock && held.rank.compareTo(rank) >= 0) {
                throw violation("a condition of " + rank + " is awaited while " + held.rank + " is held; " + rank
                        + " would be acquired again in the wrong order");
            }
        }
        return true;
    }

    /** Records that this thread has acquired a lock, once more if it held the lock before. Returns true. */
    public static boolean acquired(Object lock, LockRank rank) {
        HELD.get().add(new Held(lock, rank));
        return true;
    }

    /**
     * Records that this thread has released a lock once.
     *
     * @return true
     * @throws IllegalStateException if this thread does not hold the lock
     */
    public static boolean released(Object lock) {
        List<Held> held = HELD.get();
        for (int i = held.size() - 1; i >= 0; i--) {
            if (held.get(i).lock == lock) {
                held.remove(i);
                return true;
            }
        }
        throw violation("a lock is released by a thread that does not hold it: " + lock);
    }

    /** Whether this thread holds a lock; false if assertions are disabled, since then nothing is recorded. */
    static boolean holds(Object lock) {
        for (Held held : HELD.get()) {
            if (held.lock == lock) {
                return true;
            }
        }
        return false;
    }

    /** The ranks that this thread holds, in the order in which it acquired them. */
    static List<LockRank> heldRanks() {
        return HELD.get().stream().map(Held::rank).toList();
    }

    /** The record of a thread that holds no lock, for tests that simulate several threads in one. */
    static Object noLocks() {
        return new ArrayList<Held>();
    }

    /** Replaces the record of this thread and returns the previous one, for the same tests. */
    @SuppressWarnings("unchecked") // The record comes from noLocks or from this method.
    static Object exchange(Object other) {
        Object own = HELD.get();
        HELD.set((List<Held>) other);
        return own;
    }

    /** How many violations there were in this process. */
    static int violations() {
        return VIOLATIONS.get();
    }

    private static IllegalStateException violation(String text) {
        IllegalStateException violation = new IllegalStateException(text);
        VIOLATIONS.incrementAndGet();
        LOG.error("wrong order of locks", violation);
        return violation;
    }
}
