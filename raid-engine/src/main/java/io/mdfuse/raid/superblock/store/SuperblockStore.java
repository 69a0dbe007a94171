package io.mdfuse.raid.superblock.store;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.journal.TailStore;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Keeps the superblocks of an open array: one state, written to every live device whenever it changes. Here stands what
 * can change, and when it may; what becomes of devices that fail on the way stands in {@link LiveSuperblocks}.
 *
 * <p>Live are the members in their slots, the journal and the spares; a member that failed is not written any
 * more, so that its event count stays behind and nobody believes it again.
 *
 * <p>A role table that names devices which are not here would let them back in one event later, as if nothing had
 * been written without them. So from the first update on, every number without a live device is a spare's
 * (as in md), or stays faulty.
 *
 * <p>A device that fails on the way does not stop the others: it is named to the {@link StoreListener} after the
 * update, and where the array can do without it, it is not live any more when the listener returns. {@link #markFaulty}
 * records a failure and so goes on where the flush of another device fails, as does becoming dirty; every other update
 * is a promise, which is not written at all then. All methods may be called by many threads; updates are done one at a
 * time.
 */
public final class SuperblockStore implements TailStore {
    private final LiveSuperblocks live;

    /** Takes over the superblocks of an assembled array; nothing is written before the first update. */
    public SuperblockStore(Assembly assembly, InstantSource clock, StoreListener listener) {
        Superblock reference = assembly.reference();
        List<FoundDevice> devices = new ArrayList<>();
        Map<Integer, DeviceRole> roles = new TreeMap<>();
        for (int slot = 0; slot < assembly.slots().size(); slot++) {
            FoundDevice member = assembly.slots().get(slot);
            if (member != null) {
                join(member, DeviceRole.of(slot), devices, roles);
            }
        }
        long tail = 0;
        FoundDevice journal = assembly.journal();
        if (journal != null) {
            join(journal, DeviceRole.of(Roles.JOURNAL), devices, roles);
            tail = journal.superblock().journalTailSector();
        }
        for (Assembly.Joiner joiner : assembly.joining()) {
            DeviceRole deviceRole =
                    new DeviceRole(joiner.slot(), false, joiner.recovery(), joiner.replacement(), joiner.byBitmap());
            join(joiner.device(), deviceRole, devices, roles);
        }
        for (Assembly.Bystander other : assembly.others()) {
            if (other.standing() == Assembly.Standing.SPARE) {
                join(other.device(), DeviceRole.of(Roles.SPARE), devices, roles);
            }
        }
        devices.replaceAll(device -> inTermsOf(reference, device));
        Set<BlockDevice> takenBack = new HashSet<>();
        assembly.takenBack().forEach(taken -> takenBack.add(taken.device().device()));
        List<LiveDevice> live = devices.stream()
                .map(found -> new LiveDevice(found, takenBack.contains(found.device())))
                .toList();
        int features = reference.featureMap() & ~Features.PER_DEVICE;
        ArrayState state = new ArrayState(reference.resyncOffset(), tail, features, roles);
        this.live = new LiveSuperblocks(live, state, reference.events(), clock, listener);
    }

    /**
     * What each superblock is to say from the first update on: the logical block size and Synology's marks are the
     * array's, by the freshest superblock's word; the size of the data area is what is there of it, which may be less
     * than it was (md's
     * --update=devicesize).
     */
    private static FoundDevice inTermsOf(Superblock reference, FoundDevice device) {
        Superblock own = device.superblock();
        Superblock next = own.edit(editor -> {
            editor.logicalBlockBytes(reference.logicalBlockBytes());
            editor.data(own.dataOffsetSectors(), device.roomSectors());
            for (int number = 0; number < Math.min(own.maxDev(), reference.maxDev()); number++) {
                if (reference.hasDiskError(number)) {
                    editor.role(number, reference.tableRole(number));
                }
            }
        });
        return new FoundDevice(device.device(), next);
    }

    private static void join(
            FoundDevice device, DeviceRole deviceRole, List<FoundDevice> devices, Map<Integer, DeviceRole> roles) {
        devices.add(device);
        roles.put(device.superblock().deviceNumber(), deviceRole);
    }

    /** Has something beside the superblocks keep step with them from now on. */
    public void keepInStep(UpdateHook hook) {
        live.keepInStep(hook);
    }

    /** Keeps a device's bad-block log from now on; where there is none of this number any more, nothing happens. */
    public void keepBadBlocks(int deviceNumber, BadBlockLog log) {
        live.keepBadBlocks(deviceNumber, log);
    }

    /** Brings all bad-block logs to what is known to be bad, durably. */
    public void storeBadBlocks() throws IOException {
        update(s -> s);
    }

    /** The event count that was last written, or that the array was assembled with. */
    public long events() {
        return live.events();
    }

    /** The superblock of some live member as it is now. */
    public Superblock anyMember() {
        return live.anyMember();
    }

    /** The state that was last written, or that the array was assembled with. */
    public ArrayState state() {
        return live.state();
    }

    @Override
    public void storeTail(long tailSector) throws IOException {
        update(s -> s.withJournalTail(tailSector));
    }

    /**
     * Says how far the array's parity is right.
     *
     * <p>Dirty is no promise: it takes one back. So it is written even where the journal can't take it.
     *
     * @param offset how far parity is known to be correct
     */
    public void storeResyncOffset(ResyncOffset offset) throws IOException {
        live.apply(s -> s.withResyncOffset(offset), !offset.isDirty());
    }

    /** Clears bits of the feature map on all devices. */
    public void clearFeatures(int bits) throws IOException {
        update(s -> s.withoutFeatures(bits));
    }

    /**
     * Records on all survivors that the device of this role has failed, and never writes it again. Does nothing
     * where no device has the role any more.
     *
     * @param slot a member's slot
     * @throws IOException where no survivor could be written: the failure is not on record
     */
    public void markFaulty(int slot) throws IOException {
        int number = state().numberOf(slot);
        if (number >= 0) {
            markDeviceFaulty(number);
        }
    }

    /** As {@link #markFaulty}, for any device of the array by its number. */
    public void markDeviceFaulty(int deviceNumber) throws IOException {
        DeviceRole deviceRole = state().roleOf(deviceNumber);
        if (deviceRole != null && !deviceRole.faulty()) {
            live.recordFailure(deviceNumber);
        }
    }

    /**
     * Records on all members that the journal device has failed, and never writes it again: from here on no mount
     * trusts what it holds. All that it held is on the members, flushed.
     *
     * @throws IOException where no member could be written
     */
    public void markJournalFaulty() throws IOException {
        markFaulty(Roles.JOURNAL);
    }

    /**
     * Makes the array one without a journal, on all members. What the journal held is on them; its own superblock is
     * left as it is, and the members' word that they know no journal outdates it.
     *
     * @throws IOException as {@link #update}; the superblocks may say one or the other then
     */
    public void dropJournal() throws IOException {
        int number = state().numberOf(Roles.JOURNAL);
        live.dismiss(number);
        update(s -> s.withoutRole(number).withoutFeatures(Features.JOURNAL));
    }

    /**
     * Makes a device the journal of an array that has none. Its superblock is on it and says, as often written as the
     * others, that it is a spare: so a crash before this is through leaves the array with a journal or without, and
     * whole.
     *
     * @throws IOException as {@link #update}; the superblocks may say one or the other then
     */
    public void addJournal(FoundDevice journal) throws IOException {
        int number = journal.superblock().deviceNumber();
        live.admit(journal);
        updateWith(
                number,
                s -> s.withRole(number, DeviceRole.of(Roles.JOURNAL))
                        .withFeatures(Features.JOURNAL)
                        .withJournalTail(0));
    }

    /**
     * Makes a device a spare of the array. Its superblock is on it and says so, as often written as the others: a crash
     * before this is through leaves one spare more, or none.
     *
     * @throws IOException as {@link #update}
     */
    public void addSpare(FoundDevice spare) throws IOException {
        int number = spare.superblock().deviceNumber();
        live.admit(spare);
        updateWith(number, s -> s.withRole(number, DeviceRole.of(Roles.SPARE)));
    }

    /** An update that gives a device its place; where the device fails in it, nobody has that place. */
    private void updateWith(int deviceNumber, UnaryOperator<ArrayState> change) throws IOException {
        update(s -> live.isWritten(deviceNumber) ? change.apply(s) : s);
        if (!live.isWritten(deviceNumber)) {
            throw new IOException("the superblock of the new device could not be written");
        }
    }

    /**
     * The device is not part of the array any more: a spare, or one that has failed. Its number keeps being called
     * faulty in the latter case, so that the device is not believed should it come back, and nobody else gets the
     * number.
     */
    public void remove(int deviceNumber) throws IOException {
        live.dismiss(deviceNumber);
        update(s -> s.withoutRole(deviceNumber));
    }

    /**
     * Moves a spare into a slot in which nothing of it is rebuilt yet.
     *
     * @param replacement true where the slot has a member, which this one is to replace
     */
    public void startRebuild(int deviceNumber, int slot, boolean replacement) throws IOException {
        updateWith(
                deviceNumber,
                s -> s.withRole(
                        deviceNumber, new DeviceRole(slot, false, RecoveryPosition.none(), replacement, false)));
    }

    /**
     * Moves a spare that holds what it held as the member of a slot back into it. All that it lacks has a bit in the
     * bitmap of every member, and none of these bits is cleared before it is in sync.
     */
    public void startReturn(int deviceNumber, int slot) throws IOException {
        updateWith(
                deviceNumber,
                s -> s.withRole(deviceNumber, new DeviceRole(slot, false, RecoveryPosition.none(), false, true)));
    }

    /**
     * Says how far the device of a slot is rebuilt. What it was given so far is flushed before that is written.
     */
    public void storeRecovered(int deviceNumber, RecoveryPosition position) throws IOException {
        update(s -> {
            DeviceRole deviceRole = s.roleOf(deviceNumber);
            if (deviceRole == null || deviceRole.faulty() || !Roles.isSlot(deviceRole.role())) {
                return s;
            }
            DeviceRole next = deviceRole.recoveredTo(position);
            // Where the member that it was to replace has failed meanwhile, the slot is its own.
            return s.withRole(deviceNumber, s.numberOf(deviceRole.role()) < 0 ? next.promoted() : next);
        });
    }

    /**
     * A device number that no device has, or ever had as far as the table tells; where there is none left, one of a
     * device that failed and is gone; -1 where the table is full.
     */
    public int freeDeviceNumber() {
        int unused = numberWithRole(Roles.SPARE);
        return unused >= 0 ? unused : numberWithRole(Roles.FAULTY);
    }

    private int numberWithRole(int role) {
        Superblock any = anyMember();
        ArrayState state = state();
        for (int number = 0; number < any.maxDev(); number++) {
            if (state.roleOf(number) == null && any.role(number) == role) {
                return number;
            }
        }
        return -1;
    }

    /**
     * Changes the state in one write of all superblocks, which also happens where the state stays the same.
     *
     * @param change is called with the present state, while no other update comes between
     * @throws IOException where a device could not be flushed first (nothing is changed then), where the journal
     *     device could not be written (its superblock may be old or new), or where no device could
     */
    public void update(UnaryOperator<ArrayState> change) throws IOException {
        live.apply(change, true);
    }
}
