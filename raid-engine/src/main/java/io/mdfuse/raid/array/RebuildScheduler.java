package io.mdfuse.raid.array;

import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.array.MemberOutcome.RebuildDelay;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.Rebuild;
import io.mdfuse.raid.sync.SyncPace;
import io.mdfuse.raid.writepath.TimedTask;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the rebuilds of an open array, one at a time. {@link SlotFiller} chooses the device, a worker runs the
 * {@link Rebuild}, and this class records its progress in the superblocks.
 *
 * <p>The next rebuild is looked for when the array is opened, when a device joins, after a failure, after the end of a
 * rebuild, and if {@code sync_action} is set to recover or ends {@code frozen}.
 *
 * <p>The lock is that of {@link MemberManager}: a command about members and the start of a rebuild exclude each other.
 */
final class RebuildScheduler implements Rebuild.Progress, RebuildControl {
    private static final Logger LOG = LoggerFactory.getLogger(RebuildScheduler.class);

    private final RankedLock lock;
    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final SlotFiller slotFiller;
    private final StripeReader stripeReader;
    private final SyncPace pace;
    private final TimedTask search;
    private volatile @Nullable Rebuild newest;
    private volatile Runnable whenWhole = () -> {};
    private boolean closed;
    private volatile boolean frozen;

    /** @param lock of rank {@code MEMBER_MANAGER} */
    RebuildScheduler(
            RankedLock lock,
            ArrayParts parts,
            SuperblockStore store,
            SlotFiller slotFiller,
            StripeReader stripeReader,
            SyncPace pace) {
        this.lock = lock;
        this.parts = parts;
        this.members = parts.members();
        this.store = store;
        this.slotFiller = slotFiller;
        this.stripeReader = stripeReader;
        this.pace = pace;
        this.search = parts.runtime().taskThreads().task(this::startNext);
    }

    /** What is called, without waiting, when a rebuild has left every slot with a member in sync. */
    void whenWhole(Runnable listener) {
        whenWhole = listener;
    }

    /** Has a worker run {@link #startNext} soon. Never waits: the caller may hold stripes and locks. */
    void startNextSoon() {
        search.runAfter(0);
    }

    /**
     * Starts the next rebuild unless one is in progress: of a member that is not in sync, else of a spare that takes a
     * free slot, else of a replacement. No effect if there is nothing to rebuild, if the array is broken or frozen, or
     * after {@link #stop}. The caller must hold no stripe lease.
     */
    void startNext() {
        try (RankedLock.Held _ = lock.acquire()) {
            Rebuild running = newest;
            if (closed || frozen || members.isBroken() || (running != null && running.underWay())) {
                return;
            }
            try {
                Member next = slotFiller.nextTarget();
                if (next != null) {
                    start(next);
                }
            } catch (IOException e) {
                LOG.error("no spare could be taken: {}", e.getMessage());
            }
        }
    }

    private void start(Member target) throws IOException {
        Rebuild started = new Rebuild(
                new PassParts(parts.geometry(), members, parts.stripes().locks(), pace, parts.events()),
                stripeReader,
                target,
                slotFiller.regionsToCopy(target),
                this,
                parts.runtime().clock(),
                parts.runtime().workers());
        newest = started;
        parts.runtime().workers().execute(started);
    }

    @Override
    public void store(Member target, long stripeSector) throws IOException {
        store.storeRecovered(target.deviceNumber(), RecoveryPosition.at(stripeSector));
    }

    @Override
    public void complete(Member target) throws IOException {
        store.storeRecovered(target.deviceNumber(), RecoveryPosition.inSync());
        target.nowInSync();
        Member old = members.inSync(target.slot());
        if (old != null && old != target && !target.isFaulty()) {
            members.replaced(old);
        }
        if (members.degraded() == 0) {
            whenWhole.run();
        }
    }

    @Override
    public void ended(Rebuild ended) {
        if (ended.isStuck()) {
            try (RankedLock.Held _ = lock.acquire()) {
                slotFiller.skip(ended.target());
            }
        }
        // Also after a stop: the freeze that stopped this one may be over already, and then nothing else starts the
        // next.
        startNextSoon();
    }

    @Override
    public @Nullable Rebuild newest() {
        return newest;
    }

    /**
     * Why the rebuild of a device that was just added has not begun.
     *
     * @param added the member that the device has become; null if it is a spare
     */
    RebuildDelay delayOf(@Nullable Member added) {
        Rebuild running = newest;
        if (holdsBackRebuilds()) {
            return new RebuildDelay.Frozen();
        }
        if (members.degraded() == 0 || (running != null && running.target() == added)) {
            return new RebuildDelay.None();
        }
        return running != null && running.underWay()
                ? new RebuildDelay.After(running.target().name())
                : new RebuildDelay.NotBegun();
    }

    @Override
    public void freeze() {
        frozen = true;
        Rebuild running = newest;
        if (running != null) {
            running.requestStop();
        }
    }

    @Override
    public void thaw() {
        frozen = false;
        startNextSoon();
    }

    @Override
    public boolean isFrozen() {
        return frozen;
    }

    @Override
    public boolean holdsBackRebuilds() {
        return frozen && members.degraded() > 0;
    }

    @Override
    public void retry() {
        try (RankedLock.Held _ = lock.acquire()) {
            frozen = false;
            slotFiller.tryAllAgain();
            startNext();
        }
    }

    /**
     * Called once, before the devices are closed: no rebuild starts any more, and the one in progress stops and stores
     * its position. Waits for its end; the caller holds no lock.
     */
    void stop() throws IOException {
        search.close();
        Rebuild running;
        try (RankedLock.Held _ = lock.acquire()) {
            closed = true;
            running = newest;
        }
        if (running != null) {
            try {
                running.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the rebuild ended", e);
            }
        }
    }
}
