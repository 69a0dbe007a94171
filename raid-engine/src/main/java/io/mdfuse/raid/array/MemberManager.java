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
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.sync.SyncPace;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the user's commands about the devices of an open array: one method for each verb.
 *
 * <pre>
 *   (new) ──add──▶ SPARE ──a slot is free──▶ REBUILDING ──all passed──▶ IN_SYNC
 *   (gone) ──re-add, by the bitmap──────────▶ REBUILDING (what it lacks)
 *                    │  └─replace─▶ REPLACEMENT ─all passed, the old one is failed─▶ IN_SYNC
 *                    │                     │                                        │
 *                  remove                  └──────────── fails, or fail ────────────┴──▶ FAULTY ──remove──▶ (gone)
 * </pre>
 *
 * The arrows without a verb are taken by {@link RebuildScheduler} and {@link MemberSet}.
 *
 * <p>Superblocks change first, then the members of this process: a crash in between leaves no device that is trusted
 * for more than it contains. A command that is refused has written nothing.
 *
 * <p>Each verb holds the lock, of rank {@code MEMBER_MANAGER}, from its first check to its end, and may wait for device
 * I/O. The recording of a failure never acquires this lock, so a failure may be recorded while a verb runs.
 */
final class MemberManager {
    /** How long a removal waits for calls of the device that are in progress. */
    private static final long RETIRE_MILLIS = 5000;

    private final RankedLock lock = new RankedLock(LockRank.MEMBER_MANAGER);
    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final WriteIntent writeIntent;
    private final NewMember newMember;
    private final SlotFiller slotFiller;
    private final RebuildScheduler rebuilds;
    private final DeliberateFailure deliberateFailure;

    /**
     * Makes the parts that manage the members. Nothing is started.
     *
     * @param stripeReader reads the content of slots for rebuilds
     * @param pace limits the speed of rebuilds
     * @param flush makes all acknowledged writes durable
     */
    MemberManager(
            ArrayParts parts,
            WriteParts writeParts,
            StripeReader stripeReader,
            SyncPace pace,
            DeliberateFailure.Flush flush) {
        this.parts = parts;
        this.members = parts.members();
        this.store = writeParts.store();
        this.devices = writeParts.devices();
        this.writeIntent = writeParts.writeIntent();
        this.newMember = new NewMember(store, devices, parts.runtime().random());
        this.slotFiller = new SlotFiller(parts, writeParts, newMember);
        this.rebuilds = new RebuildScheduler(lock, parts, store, slotFiller, stripeReader, pace);
        this.deliberateFailure = new DeliberateFailure(parts, writeParts, flush);
    }

    /** The members that the verbs change. */
    MemberSet members() {
        return members;
    }

    /** All devices of the array, members or not. */
    DeviceList devices() {
        return devices;
    }

    /** The rebuilds of these members. */
    RebuildScheduler rebuilds() {
        return rebuilds;
    }

    /**
     * Adds a device as a spare, and starts its rebuild at once if a slot is free.
     *
     * @param device from now on the array closes it, unless the command is refused
     * @param force overwrite what the device contains
     * @throws IOException if the device is refused, or the array is broken
     */
    Added add(BlockDevice device, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            members.requireSound();
            FoundDevice added = newMember.addAsSpare(device, force);
            take(device);
            rebuilds.startNext();
            Member member = members.byNumber(added.superblock().deviceNumber());
            return member == null || member.isFaulty()
                    ? new Added(device.name(), OptionalInt.empty(), rebuilds.delayOf(null))
                    : new Added(device.name(), OptionalInt.of(member.slot()), new RebuildDelay.None());
        }
    }

    /**
     * Takes a former member of this array back into its slot, and copies to it only what the write-intent bitmap says
     * was written since it left. If the bitmap can't tell, nothing is written, as with mdadm: the user may still want
     * what the device contains.
     *
     * @param device from now on the array closes it, unless the command is refused
     * @throws IOException if the device is refused, or the array is broken
     */
    ReAdded reAdd(BlockDevice device) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            members.requireSound();
            CommandRefusal.throwIf(
                    !newMember.isFormer(device), device.name() + ": was never part of this array; add it instead");
            newMember.requireFittingBlock(device);
            FormerMember former = new FormerMember(device, store, members, writeIntent);
            int slot = former.slot();
            FoundDevice spare = former.becomeSpare();
            if (spare == null) {
                throw CommandRefusal.because(device.name() + ": can't be re-added: " + former.obstacle()
                        + "; nothing was changed; mdfuse add makes it a new member, and overwrites all of it");
            }
            int number = spare.superblock().deviceNumber();
            CommandRefusal.throwIf(
                    store.state().roleOf(number) == null, device.name() + ": its superblock can't be written");
            devices.add(spare);
            take(device);
            BadBlocks badBlocks = slotFiller.openBadBlockLog(spare);
            store.startReturn(number, slot);
            Member member = slotFiller.makeMember(require(device.name()), slot, false, badBlocks);
            DirtyRegions toCopy = slotFiller.marked();
            rebuilds.startNext();
            return new ReAdded(device.name(), slot, toCopy == null ? 0 : toCopy.count(), rebuilds.delayOf(member));
        }
    }

    /**
     * Fails a device: the array does not use it any more.
     *
     * @param name the device, by its name or any path that leads to it
     * @param force fail a member even if the array breaks or blocks are lost
     * @throws IOException if the command is refused, or the failure can't be recorded
     */
    Failed fail(String name, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            return deliberateFailure.fail(require(name), name, force);
        }
    }

    /**
     * Closes a device that has failed, or a spare; the superblocks forget it.
     *
     * @throws IOException if the device is in use, or a call of it does not return within {@link #RETIRE_MILLIS}
     */
    Removed remove(String name) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            Entry entry = require(name);
            DeviceState state = devices.stateOf(entry);
            CommandRefusal.throwIf(
                    !state.isOut() && state != DeviceState.SPARE,
                    name + ": is in use (" + state.text() + "); fail it first");
            if (entry.member() != null) {
                retire(entry.member(), name);
            }
            store.remove(entry.number());
            devices.remove(entry);
            parts.devices().remove(entry.device());
            entry.device().close();
            return new Removed(name);
        }
    }

    private static void retire(Member member, String name) throws IOException {
        try {
            CommandRefusal.throwIf(
                    !member.retire(RETIRE_MILLIS), name + ": a request is still under way on it; try again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Has a spare rebuilt beside a member, to take its slot. The member stays in use until the spare holds everything.
     *
     * @param with the spare; null for any
     * @throws IOException if the command is refused, or the array is broken
     */
    Replacing replace(String name, @Nullable String with) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            int slot = requireReplaceable(name);
            Entry spare = with == null ? slotFiller.spare() : require(with);
            if (spare == null) {
                throw CommandRefusal.because(name + ": there is no spare that could replace it; add one first");
            }
            CommandRefusal.throwIf(devices.stateOf(spare) != DeviceState.SPARE, spare.name() + ": is no spare");
            CommandRefusal.throwIf(
                    spare.found().roomSectors() < parts.reference().usedSectors(), spare.name() + ": is too small");
            slotFiller.join(spare, slot, true);
            rebuilds.startNext();
            return new Replacing(name, spare.name(), slot);
        }
    }

    /**
     * Adds a device as a spare and has it replace a member.
     *
     * @param device from now on the array closes it, unless the command is refused
     * @param force overwrite what the device contains
     * @throws IOException if the command is refused, or the array is broken
     */
    Replacing replaceWithNew(String name, BlockDevice device, boolean force) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireReplaceable(name);
            newMember.addAsSpare(device, force);
            take(device);
            return replace(name, device.name());
        }
    }

    /** Returns the slot of a member that can be replaced now. */
    private int requireReplaceable(String name) throws IOException {
        members.requireSound();
        Entry entry = require(name);
        Member old = entry.member();
        if (old == null || !old.inSync()) {
            throw CommandRefusal.because(name + ": is no member in sync ("
                    + devices.stateOf(entry).text() + "), there is nothing to replace");
        }
        Member replacement = members.replacement(old.slot());
        if (replacement != null) {
            throw CommandRefusal.because(name + ": is being replaced already, by " + replacement.name());
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
            throw CommandRefusal.because(name + ": is no device of this array");
        }
        return entry;
    }
}
