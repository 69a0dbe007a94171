package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.array.DeviceList.Entry;
import io.mdfuse.raid.array.MemberOutcome.Added;
import io.mdfuse.raid.array.MemberOutcome.Failed;
import io.mdfuse.raid.array.MemberOutcome.ReAdded;
import io.mdfuse.raid.array.MemberOutcome.RebuildDelay;
import io.mdfuse.raid.array.MemberOutcome.Removed;
import io.mdfuse.raid.array.MemberOutcome.Replacing;
import io.mdfuse.raid.array.MemberOutcome.UnreadContent;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.PassState;
import io.mdfuse.raid.sync.Rebuild;
import io.mdfuse.raid.sync.SyncPace;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.TimedTask;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is a member, while the array is in use: spares step in, rebuilds run one at a time, and the user's commands are
 * carried out.
 *
 * <pre>
 *   (new) ──add──▶ SPARE ──a slot is free──▶ REBUILDING ──all passed──▶ IN_SYNC
 *   (gone) ──re-add, by the bitmap──────────▶ REBUILDING (what it lacks)
 *                    │  └─replace─▶ REPLACEMENT ─all passed, the old one is failed─▶ IN_SYNC
 *                    │                     │                                        │
 *                  remove                  └──────────── fails, or fail ────────────┴──▶ FAULTY ──remove──▶ (gone)
 * </pre>
 *
 * The order is always superblocks first, then the members of this process: whatever a crash leaves, nobody is trusted
 * for more than it holds. Its lock is never taken by those who note failures, so these may come while it is held.
 */
final class MemberManager implements Rebuild.Progress, RebuildControl {
    private static final Logger LOG = LoggerFactory.getLogger(MemberManager.class);

    /** How long a removal waits for calls that are under way on the device. */
    private static final long RETIRE_MILLIS = 5000;

    /** How long a command that breaks the array waits for its users to pause. */
    private static final long SETTLE_MILLIS = 1000;

    private final RankedLock lock = new RankedLock(LockRank.MEMBER_MANAGER);
    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final NewMember newMember;
    private final WriteIntent writeIntent;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final SyncPace pace;
    private final DirtyMarker dirtyMarker;
    private final Flush flush;
    private final FailureCost failureCost;
    private final SlotFiller slotFiller;
    private final TimedTask spareSearch;
    private volatile @Nullable Rebuild rebuild;
    private boolean closed;
    private volatile boolean frozen;

    /** Brings everything that was answered to the devices. */
    interface Flush {
        void run() throws IOException;
    }

    MemberManager(
            ArrayParts parts,
            WriteParts writable,
            StripeLocks locks,
            StripeReader stripeReader,
            SyncPace pace,
            Flush flush) {
        this.parts = parts;
        this.flush = flush;
        this.failureCost = new FailureCost(parts);
        this.dirtyMarker = writable.dirtyMarker();
        this.members = parts.members();
        this.store = writable.store();
        this.devices = writable.devices();
        this.newMember = new NewMember(store, devices, parts.runtime().random());
        this.slotFiller = new SlotFiller(parts, writable, newMember);
        this.writeIntent = writable.writeIntent();
        this.locks = locks;
        this.stripeReader = stripeReader;
        this.pace = pace;
        this.spareSearch = parts.runtime().taskThreads().task(this::useSpares);
    }

    /** The members that it manages. */
    MemberSet members() {
        return members;
    }

    /** Has a worker look for a rebuild to start, soon: the caller may hold stripes and locks. */
    void fillSlotsSoon() {
        spareSearch.runAfter(0);
    }

    /** Goes on with what is not rebuilt yet, and gives a free slot a spare: the first of these that there is. */
    void useSpares() {
        try (RankedLock.Held _ = lock.acquire()) {
            Rebuild running = rebuild;
            if (closed || frozen || members.isBroken() || (running != null && running.underWay())) {
                return;
            }
            try {
                Member next = slotFiller.nextTarget();
                if (next != null) {
                    Rebuild made = new Rebuild(
                            new PassParts(parts.geometry(), members, locks, pace, parts.events()),
                            stripeReader,
                            next,
                            slotFiller.lacking(next),
                            this,
                            parts.runtime().clock());
                    rebuild = made;
                    parts.runtime().workers().execute(made);
                }
            } catch (IOException e) {
                LOG.error("no spare could be taken: {}", e.getMessage());
            }
        }
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
    }

    @Override
    public void ended(Rebuild ended) {
        if (ended.isStuck()) {
            try (RankedLock.Held _ = lock.acquire()) {
                slotFiller.isStuck(ended.target());
            }
        }
        if (ended.state() != PassState.STOPPED) {
            fillSlotsSoon();
        }
    }

    /** The newest rebuild; null where there was none. */
    @Override
    public @Nullable Rebuild rebuild() {
        return rebuild;
    }

    DeviceList devices() {
        return devices;
    }

    /** Whatever is being rebuilt stops soon, and no spare steps in until {@link #retry}. */
    @Override
    public void freeze() {
        frozen = true;
        Rebuild running = rebuild;
        if (running != null) {
            running.requestStop();
        }
    }

    @Override
    public boolean holdsBackRebuilds() {
        return frozen && members.degraded() > 0;
    }

    /** Rebuilds go on, also those that stopped because a stripe was lost. */
    @Override
    public void retry() {
        try (RankedLock.Held _ = lock.acquire()) {
            frozen = false;
            slotFiller.tryAllAgain();
            useSpares();
        }
    }

    /** Adds a device, which the array closes from now on; it is a spare, or rebuilt at once where a slot is free. */
    Added add(BlockDevice device, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            members.requireSound();
            FoundDevice added = newMember.addAsSpare(device, force);
            take(device);
            useSpares();
            Member member = members.byNumber(added.superblock().deviceNumber());
            return member == null || member.isFaulty()
                    ? new Added(device.name(), OptionalInt.empty(), rebuildDelay(null))
                    : new Added(device.name(), OptionalInt.of(member.slot()), new RebuildDelay.None());
        }
    }

    /**
     * Why a device that was just added is not being rebuilt.
     *
     * @param added the member that the device has become; null if it is a spare
     */
    private RebuildDelay rebuildDelay(@Nullable Member added) {
        Rebuild running = rebuild;
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

    /**
     * The same for a device that was a member of this array: by the bitmap it gets what it lacks alone. If that can't
     * tell, nothing is written, as with mdadm: what the device holds may be wanted yet.
     */
    ReAdded reAdd(BlockDevice device) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            members.requireSound();
            refuseIf(!newMember.isFormer(device), device.name() + ": was never part of this array; add it instead");
            newMember.requireFittingBlock(device);
            FormerMember former = new FormerMember(device, store, members, writeIntent);
            int slot = former.slot();
            FoundDevice spare = former.takeUp();
            if (spare == null) {
                throw refused(device.name() + ": can't be re-added: " + former.obstacle()
                        + "; nothing was changed; mdfuse add makes it a new member, and overwrites all of it");
            }
            boolean written = store.state().roleOf(spare.superblock().deviceNumber()) != null;
            refuseIf(!written, device.name() + ": its superblock can't be written");
            devices.add(spare);
            take(device);
            BadBlocks badBlocks = slotFiller.keepBadBlocks(spare);
            store.startReturn(spare.superblock().deviceNumber(), slot);
            Member member = slotFiller.joined(require(device.name()), slot, false, badBlocks);
            DirtyRegions lacks = slotFiller.lacking(member);
            useSpares();
            return new ReAdded(device.name(), slot, lacks == null ? 0 : lacks.count(), rebuildDelay(member));
        }
    }

    /** Has a device leave: its content is not trusted any more from here on. */
    Failed fail(String name, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            Entry entry = require(name);
            DeviceState state = devices.stateOf(entry);
            Member member = entry.member();
            refuseIf(state == DeviceState.JOURNAL, name + ": is the journal; unmount, and mount with --drop-journal");
            refuseIf(state.isOut(), name + ": has failed already");
            if (state == DeviceState.SPARE || member == null) {
                store.markDeviceFaulty(entry.number());
                parts.events()
                        .emit(ArrayEvent.of(
                                "FailSpare",
                                Severity.CRITICAL,
                                entry.name(),
                                entry.name() + " (spare) was failed by command"));
            } else {
                boolean breaks = !members.canSpare(member);
                int lost = failureCost.stripesLost(member).size();
                refuseIf(
                        !force && breaks,
                        name + ": the array can't go on without it: nothing could be written any more, and what it"
                                + " holds could not be solved; replace it instead, or break the array with --force");
                refuseIf(
                        !force && lost > 0,
                        name + ": " + lost
                                + " blocks that other members list as bad are solved with it, the first at member sector "
                                + (lost == 0
                                        ? 0
                                        : failureCost.stripesLost(member).first())
                                + ": they would be lost; replace it instead, or give them up with --force");
                if (breaks) {
                    settle();
                }
                members.failed(member, new IOException("it was failed by command"));
            }
            return new Failed(name, member == null ? UnreadContent.NONE : failureCost.unreadForLackOfResync());
        }
    }

    /**
     * Before an array is broken on purpose: everything that was answered is on the devices and, if no write comes, they
     * are clean.
     */
    private void settle() throws IOException {
        flush.run();
        try {
            for (long waited = 0; !dirtyMarker.cleanNow() && waited < SETTLE_MILLIS; waited += 10) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Lets go of a device that has failed, or of a spare. */
    Removed remove(String name) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            Entry entry = require(name);
            DeviceState state = devices.stateOf(entry);
            refuseIf(
                    !state.isOut() && state != DeviceState.SPARE,
                    name + ": is in use (" + state.text() + "); fail it first");
            Member member = entry.member();
            if (member != null) {
                try {
                    refuseIf(!member.retire(RETIRE_MILLIS), name + ": a request is still under way on it; try again");
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
            store.remove(entry.number());
            devices.remove(entry);
            parts.devices().remove(entry.device());
            entry.device().close();
            return new Removed(name);
        }
    }

    /**
     * Has a spare take the place of a member, which goes on until the spare holds everything.
     *
     * @param with the device to use; null for any spare
     */
    Replacing replace(String name, @Nullable String with) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            int slot = requireReplaceable(name);
            Entry spare = with == null ? slotFiller.spare() : require(with);
            if (spare == null) {
                throw refused(name + ": there is no spare that could replace it; add one first");
            }
            refuseIf(devices.stateOf(spare) != DeviceState.SPARE, spare.name() + ": is no spare");
            refuseIf(spare.found().roomSectors() < parts.reference().usedSectors(), spare.name() + ": is too small");
            slotFiller.join(spare, slot, true);
            useSpares();
            return new Replacing(name, spare.name(), slot);
        }
    }

    /** Adds a device that is to replace a member, and only that one. */
    Replacing replaceWithNew(String name, BlockDevice device, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireReplaceable(name);
            newMember.addAsSpare(device, force);
            take(device);
            return replace(name, device.name());
        }
    }

    /** The slot of a member that can be replaced now. */
    private int requireReplaceable(String name) throws IOException {
        members.requireSound();
        Entry entry = require(name);
        Member old = entry.member();
        if (old == null || !old.inSync()) {
            throw refused(name + ": is no member in sync ("
                    + devices.stateOf(entry).text() + "), there is nothing to replace");
        }
        Member replacement = members.replacement(old.slot());
        if (replacement != null) {
            throw refused(name + ": is being replaced already, by " + replacement.name());
        }
        return old.slot();
    }

    /** The array closes the device from now on. */
    private void take(BlockDevice device) {
        parts.devices().add(device);
        HostSpaceEvents.watch(device, parts.events());
    }

    private Entry require(String name) throws ArrayRefusedException {
        Entry entry = devices.named(name);
        if (entry == null) {
            throw refused(name + ": is no device of this array");
        }
        return entry;
    }

    private static void refuseIf(boolean wrong, String why) throws ArrayRefusedException {
        if (wrong) {
            throw refused(why);
        }
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    /** Nothing begins any more; what runs ends where it stands, and that is stored. */
    void stop() throws IOException {
        spareSearch.close();
        Rebuild running;
        try (RankedLock.Held _ = lock.acquire()) {
            closed = true;
            running = rebuild;
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
