package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.DeviceList.Entry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.Rebuild;
import io.mdfuse.raid.recovery.SyncPace;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Place;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockStore;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
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
 *                    │  └──replace──▶ REPLACEMENT ──all passed, the old one is failed──▶ IN_SYNC
 *                    │                     │                                              │
 *                  remove                  └──────────── fails, or fail ──────────────────┴──▶ FAULTY ──remove──▶ (gone)
 * </pre>
 *
 * The order is always superblocks first, then the members of this process: whatever a crash leaves, nobody is trusted for
 * more than it holds. Its lock is never taken by those who note failures, so these may come while it is held.
 */
final class MemberManager implements Rebuild.Progress {
    private static final Logger LOG = LoggerFactory.getLogger(MemberManager.class);

    /** How long a removal waits for calls that are under way on the device. */
    private static final long RETIRE_MILLIS = 5000;

    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final NewMember newMember;
    private final WriteIntent writeIntent;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final SyncPace pace;
    private final Set<Member> stuck = new HashSet<>();
    private final Set<Entry> unfit = new HashSet<>();
    private volatile @Nullable Rebuild rebuild;
    private boolean closed;
    private volatile boolean frozen;

    MemberManager(
            ArrayParts parts, WritableParts writable, StripeLocks locks, StripeReader stripeReader, SyncPace pace) {
        this.parts = parts;
        this.members = parts.members();
        this.store = writable.store();
        this.devices = writable.devices();
        this.newMember = new NewMember(store, devices, parts.runtime().random());
        this.writeIntent = writable.writeIntent();
        this.locks = locks;
        this.stripeReader = stripeReader;
        this.pace = pace;
        writable.failures().whenMemberFails(this::soon);
    }

    /** Looks for work soon, on a thread that holds nothing: whoever found a failure holds stripes. */
    private void soon() {
        try {
            parts.runtime().timer().execute(this::useSpares);
        } catch (RejectedExecutionException e) {
            LOG.debug("no spare is looked for, the array is being closed");
        }
    }

    /** Goes on with what is not rebuilt yet, and gives a free slot a spare: the first of these that there is. */
    synchronized void useSpares() {
        Rebuild running = rebuild;
        if (closed || frozen || members.isBroken() || (running != null && running.underWay())) {
            return;
        }
        try {
            Member next = nextTarget();
            if (next != null) {
                Rebuild made = new Rebuild(
                        parts.geometry(),
                        members,
                        locks,
                        stripeReader,
                        next,
                        lacking(next),
                        this,
                        pace,
                        parts.runtime().clock());
                rebuild = made;
                parts.runtime().workers().execute(made);
            }
        } catch (IOException e) {
            LOG.error("no spare could be taken: {}", e.getMessage());
        }
    }

    /** Of a member that comes back by the bitmap: where that has a bit. None is cleared before the member is in sync. */
    private @Nullable DirtyRegions lacking(Member target) {
        Place place = store.state().place(target.deviceNumber());
        return place != null && place.byBitmap() ? writeIntent.marked() : null;
    }

    private @Nullable Member nextTarget() throws IOException {
        for (int slot = 0; slot < members.size(); slot++) {
            Member member = members.member(slot);
            if (member != null && !member.inSync() && !stuck.contains(member)) {
                return member;
            }
        }
        for (int slot = 0; slot < members.size(); slot++) {
            Member joined = members.member(slot) == null ? joinSpare(slot) : null;
            if (joined != null) {
                return joined;
            }
        }
        for (int slot = 0; slot < members.size(); slot++) {
            Member replacement = members.replacement(slot);
            if (replacement != null && !stuck.contains(replacement)) {
                return replacement;
            }
        }
        return null;
    }

    /** The first spare that has what the array needs of a member. */
    private @Nullable Member joinSpare(int slot) throws IOException {
        for (Entry spare = spare(); spare != null; spare = spare()) {
            try {
                return join(spare, slot, false);
            } catch (ArrayRefusedException e) {
                LOG.error("the spare can't be used: {}", e.getMessage());
                unfit.add(spare);
            }
        }
        return null;
    }

    private @Nullable Entry spare() {
        long usedSectors = parts.reference().usedSectors();
        for (Entry entry : devices.all()) {
            boolean large = entry.found().roomSectors() >= usedSectors;
            if (large && !unfit.contains(entry) && devices.stateOf(entry).equals("spare")) {
                return entry;
            }
        }
        return null;
    }

    private Member join(Entry spare, int slot, boolean replacement) throws IOException {
        newMember.requireFittingBlock(spare.device());
        BadBlocks badBlocks = keepBadBlocks(spare.found());
        writeIntent.attach(spare.found());
        store.startRebuild(spare.number(), slot, replacement);
        return joined(spare, slot, replacement, badBlocks);
    }

    private BadBlocks keepBadBlocks(FoundDevice device) throws ArrayRefusedException {
        BadBlockLog badBlockLog = BadBlockLog.of(device).orElse(null);
        if (badBlockLog == null) {
            return BadBlocks.withoutLog();
        }
        store.keepBadBlocks(device.superblock().deviceNumber(), badBlockLog);
        return badBlockLog.badBlocks();
    }

    private Member joined(Entry spare, int slot, boolean replacement, BadBlocks badBlocks) throws IOException {
        long dataOffsetBytes = Sectors.toBytes(spare.found().superblock().dataOffsetSectors());
        Member member = Member.rebuilding(slot, spare.number(), spare.device(), dataOffsetBytes, badBlocks, 0);
        devices.joined(spare, member);
        members.join(member, replacement);
        try {
            // Once more: bits that were set after it got the bitmap, and before it was a member, did not reach it.
            writeIntent.attach(spare.found());
        } catch (DeviceException e) {
            members.failed(member, e);
        }
        return member;
    }

    @Override
    public void store(Member target, long stripeSector) throws IOException {
        store.storeRecovered(target.deviceNumber(), stripeSector);
    }

    @Override
    public void complete(Member target) throws IOException {
        store.storeRecovered(target.deviceNumber(), Superblock.IN_SYNC);
        target.nowInSync();
        Member old = members.inSync(target.slot());
        if (old != null && old != target && !target.isFaulty()) {
            members.failed(old, new IOException(target.name() + " has replaced it"));
        }
    }

    @Override
    public void ended(Rebuild ended) {
        if (ended.state() == Rebuild.State.STUCK) {
            synchronized (this) {
                stuck.add(ended.target());
            }
        }
        if (ended.state() != Rebuild.State.STOPPED) {
            soon();
        }
    }

    /** The newest rebuild; null where there was none. */
    @Nullable
    Rebuild rebuild() {
        return rebuild;
    }

    DeviceList devices() {
        return devices;
    }

    /** Whatever is being rebuilt stops soon, and no spare steps in until {@link #retry}. */
    void freeze() {
        frozen = true;
        Rebuild running = rebuild;
        if (running != null) {
            running.requestStop();
        }
    }

    /** Rebuilds go on, also those that stopped because a stripe was lost. */
    synchronized void retry() {
        frozen = false;
        stuck.clear();
        unfit.clear();
        useSpares();
    }

    /** Adds a device, which the array closes from now on; it is a spare, or rebuilt at once where a slot is free. */
    synchronized String add(BlockDevice device, boolean force) throws IOException {
        members.requireSound();
        FoundDevice added = newMember.addAsSpare(device, force);
        parts.devices().add(device);
        useSpares();
        Member member = members.byNumber(added.superblock().deviceNumber());
        return member == null || member.isFaulty()
                ? "added " + device.name() + " as a spare"
                : "added " + device.name() + "; it is being rebuilt as the member of slot " + member.slot();
    }

    /** The same for a device that says that it was part of this array; where the bitmap can tell, it gets what it lacks alone. */
    synchronized String reAdd(BlockDevice device) throws IOException {
        members.requireSound();
        refuseIf(!newMember.isFormer(device), device.name() + ": was never part of this array; add it instead");
        newMember.requireFittingBlock(device);
        FormerMember former = new FormerMember(device, store, members, writeIntent);
        int slot = former.slot();
        FoundDevice spare = former.takeUp();
        if (spare == null) {
            return add(device, false) + "; " + former.obstacle() + ", so all of it is rebuilt";
        }
        boolean written = store.state().place(spare.superblock().deviceNumber()) != null;
        refuseIf(!written, device.name() + ": its superblock can't be written");
        devices.add(spare);
        parts.devices().add(device);
        BadBlocks badBlocks = keepBadBlocks(spare);
        store.startReturn(spare.superblock().deviceNumber(), slot);
        Member member = joined(require(device.name()), slot, false, badBlocks);
        DirtyRegions lacks = lacking(member);
        useSpares();
        return "re-added " + device.name() + " as the member of slot " + slot
                + "; it gets what was written since it left: " + (lacks == null ? 0 : lacks.count())
                + " regions of the bitmap";
    }

    /** Has a device leave: its content is not trusted any more from here on. */
    synchronized String fail(String name, boolean force) throws IOException {
        Entry entry = require(name);
        String state = devices.stateOf(entry);
        Member member = entry.member();
        refuseIf(state.equals("journal"), name + ": is the journal; unmount, and mount with --drop-journal");
        refuseIf(state.equals("faulty") || state.equals("removed"), name + ": has failed already");
        if (state.equals("spare") || member == null) {
            store.markDeviceFaulty(entry.number());
        } else {
            refuseIf(!force && !members.canSpare(member), name + ": the array cannot go on without it");
            members.failed(member, new IOException("it was failed by command"));
        }
        return name + " has failed" + (member == null ? "" : whatResyncLeavesUnread());
    }

    private String whatResyncLeavesUnread() {
        SyncPosition syncPosition = parts.syncPosition();
        long position = syncPosition.reached();
        long end = parts.geometry().memberSectors();
        String behind = position == SyncPosition.IN_SYNC || position >= end
                ? ""
                : "; the resync has come to sector " + position + " of " + end
                        + ": behind it, what this device holds can't be read now, unless it was written since the mount";
        return syncPosition.hasLeft()
                ? behind + "; of the stripes that the resync could not read, what this device holds can't be read now"
                : behind;
    }

    /** Lets go of a device that has failed, or of a spare. */
    synchronized String remove(String name) throws IOException {
        Entry entry = require(name);
        String state = devices.stateOf(entry);
        refuseIf(
                !List.of("faulty", "removed", "spare").contains(state),
                name + ": is in use (" + state + "); fail it first");
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
        return "removed " + name;
    }

    /**
     * Has a spare take the place of a member, which goes on until the spare holds everything.
     *
     * @param with the device to use; null for any spare
     */
    synchronized String replace(String name, @Nullable String with) throws IOException {
        members.requireSound();
        Entry entry = require(name);
        Member old = entry.member();
        refuseIf(old == null || !old.inSync(), name + ": is no member in sync, there is nothing to replace");
        int slot = old == null ? 0 : old.slot();
        refuseIf(members.replacement(slot) != null, name + ": is being replaced already");
        Entry spare = with == null ? spare() : require(with);
        if (spare == null) {
            throw refused(name + ": there is no spare that could replace it; add one first");
        }
        refuseIf(!devices.stateOf(spare).equals("spare"), spare.name() + ": is no spare");
        refuseIf(spare.found().roomSectors() < parts.reference().usedSectors(), spare.name() + ": is too small");
        join(spare, slot, true);
        useSpares();
        return spare.name() + " replaces " + name + " as the member of slot " + slot;
    }

    /** Adds a device that is to replace a member, and only that one. */
    synchronized String replaceWithNew(String name, BlockDevice device, boolean force) throws IOException {
        members.requireSound();
        require(name);
        newMember.addAsSpare(device, force);
        parts.devices().add(device);
        return replace(name, device.name());
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
        Rebuild running;
        synchronized (this) {
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
