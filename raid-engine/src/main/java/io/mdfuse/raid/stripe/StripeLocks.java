package io.mdfuse.raid.stripe;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who may touch which stripes. A lease covers an interval of stripe sectors; leases that overlap are served in
 * the order they were asked for, others side by side. A request takes one lease for all it touches, so there is no
 * order in which two of them could wait for each other. Whoever wants several waits for the first alone, and takes more
 * by {@link #tryLock}: with one lease held, even a wait for stripes that nobody holds may be a wait behind somebody who
 * waits for that one.
 */
public final class StripeLocks {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    /** Held and waiting leases in the order of their asking: at most a few for each thread that serves requests. */
    private final List<Lease> leases = new ArrayList<>();

    /**
     * Waits until nobody who asked earlier holds or wants any of the stripes.
     *
     * @param fromStripeSector member sector of the first stripe
     * @param endStripeSector member sector behind the last stripe
     */
    public Lease lock(long fromStripeSector, long endStripeSector) {
        Lease mine = new Lease(fromStripeSector, endStripeSector);
        lock.lock();
        try {
            leases.add(mine);
            while (hasToWait(mine)) {
                released.awaitUninterruptibly();
            }
            return mine;
        } finally {
            lock.unlock();
        }
    }

    /** The lease where nobody who asked earlier holds or wants any of the stripes, null where the caller would wait. */
    public @Nullable Lease tryLock(long fromStripeSector, long endStripeSector) {
        Lease mine = new Lease(fromStripeSector, endStripeSector);
        lock.lock();
        try {
            leases.add(mine);
            if (hasToWait(mine)) {
                leases.removeLast();
                return null;
            }
            return mine;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasToWait(Lease mine) {
        for (Lease other : leases) {
            if (other == mine) {
                return false;
            }
            if (other.fromStripeSector < mine.endStripeSector && mine.fromStripeSector < other.endStripeSector) {
                return true;
            }
        }
        throw new IllegalStateException("a waiting lease has left the list");
    }

    /** The right to touch an interval of stripes, until it is closed. */
    public final class Lease implements AutoCloseable {
        private final long fromStripeSector;
        private final long endStripeSector;

        private Lease(long fromStripeSector, long endStripeSector) {
            this.fromStripeSector = fromStripeSector;
            this.endStripeSector = endStripeSector;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                leases.remove(this);
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
