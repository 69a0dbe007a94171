package io.mdfuse.raid.stripe;

import io.mdfuse.device.lock.LockOrder;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;

/**
 * Locks on ranges of stripes. Leases on ranges that intersect are granted in the order of their requests; others are
 * held side by side.
 *
 * <p>A {@link Lease} is also the proof that its range is locked: every method that reads or changes the state of
 * stripes through the members takes one and calls {@link Lease#require}. Only the straight reads of
 * {@link ChunkAlignedRead} go without.
 *
 * <p>A request takes one lease for all stripes it touches, so no two requests can wait for each other. A caller that
 * needs several ranges waits for the first one only and adds the others with {@link Lease#tryAdd}: a caller that holds
 * a lease must never wait for another range, not even for a free one, because a request that waits for the caller's
 * range may be ahead of it in the queue. With assertions enabled {@link LockOrder} throws at a second lease, and at a
 * lease that is waited for under a lock of a later {@link LockRank}.
 */
public final class StripeLocks {
    /** A range of a lease, granted or waited for. */
    private static final class Claim {
        private final Lease lease;
        private final StripeRange range;

        Claim(Lease lease, StripeRange range) {
            this.lease = lease;
            this.range = range;
        }
    }

    private final RankedLock lock = new RankedLock(LockRank.LEASE_LIST);
    private final Condition released = lock.newCondition();
    /** In the order of the requests: at most a few for each thread that serves requests. */
    private final List<Claim> claims = new ArrayList<>();

    /** Waits until no earlier request holds or waits for any stripe of the range. */
    public Lease lock(StripeRange range) {
        Lease lease = new Lease(range);
        Claim mine = new Claim(lease, range);
        assert LockOrder.mayAcquire(lease, LockRank.STRIPE_LEASE);
        lock.lock();
        try {
            claims.add(mine);
            while (hasToWait(mine)) {
                released.awaitUninterruptibly();
            }
            assert LockOrder.acquired(lease, LockRank.STRIPE_LEASE);
            return lease;
        } finally {
            lock.unlock();
        }
    }

    /** The exclusive lease over every stripe, for the recovery before the first request. */
    public Lease lockAll() {
        return lock(StripeRange.ALL);
    }

    private boolean tryAdd(Lease lease, StripeRange range) {
        Claim mine = new Claim(lease, range);
        lock.lock();
        try {
            claims.add(mine);
            if (hasToWait(mine)) {
                claims.removeLast();
                return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasToWait(Claim mine) {
        for (Claim other : claims) {
            if (other == mine) {
                return false;
            }
            if (other.range.intersects(mine.range)) {
                return true;
            }
        }
        throw new IllegalStateException("a waiting lease has left the list");
    }

    private void release(Lease lease) {
        lock.lock();
        try {
            if (claims.removeIf(claim -> claim.lease == lease)) {
                assert LockOrder.released(lease);
            }
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The exclusive right to read and change some stripes, until it is closed. Used by one thread at a time. */
    public final class Lease implements AutoCloseable {
        private final StripeRange range;
        private List<StripeRange> added = List.of();
        private volatile boolean closed;

        private Lease(StripeRange range) {
            this.range = range;
        }

        /** The range that it was requested for, without those that were added. */
        public StripeRange range() {
            return range;
        }

        /**
         * Adds a range to the lease unless an earlier request holds or waits for any of its stripes.
         *
         * @return true if the lease covers the range now; false if the caller would have to wait
         */
        public boolean tryAdd(StripeRange more) {
            requireOpen(more);
            if (!StripeLocks.this.tryAdd(this, more)) {
                return false;
            }
            added = Stream.concat(added.stream(), Stream.of(more)).toList();
            return true;
        }

        /**
         * Proves that the caller has locked some stripes. Always on.
         *
         * @throws IllegalStateException if the lease does not cover all of them, or is closed
         */
        public void require(StripeRange stripes) {
            requireOpen(stripes);
            if (!range.contains(stripes) && !addedContains(stripes)) {
                throw new IllegalStateException("stripes " + stripes + " are not covered by the lease of " + range
                        + (added.isEmpty() ? "" : " and " + added));
            }
        }

        private boolean addedContains(StripeRange stripes) {
            for (StripeRange other : added) {
                if (other.contains(stripes)) {
                    return true;
                }
            }
            return false;
        }

        private void requireOpen(StripeRange stripes) {
            if (closed) {
                throw new IllegalStateException("stripes " + stripes + " with a closed lease of " + range);
            }
        }

        @Override
        public void close() {
            closed = true;
            release(this);
        }
    }
}
