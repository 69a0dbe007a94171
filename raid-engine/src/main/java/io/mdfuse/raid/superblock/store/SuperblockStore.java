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
 * Keeps the superblocks of an open array up to date: one state, written to every live device when it changes. This
 * class defines what can change; {@link LiveSuperblocks} handles devices that fail in an update.
 *
 * <p>Live devices are the members, the journal, the spares and the devices being rebuilt. A member that failed is not
 * written any more, so that its event count falls behind and it is stale at the next assembly.
 *
 * <p>If the role table gave a slot to a device that is not here, an assembly one event later would accept it, as if
 * nothing had been written without it. So from the first update on, the role of every number without a live device is
 * spare (as in md), or stays faulty.
 *
 * <p>A device that fails in an update does not stop the others: it is reported to the {@link StoreListener} after the
 * update, and if the array can do without it, it is not live any more when the listener returns. If the flush of a
 * device fails first, {@link #markFaulty} and an update to dirty continue without the device; every other update is
 * repeated without the device if its failure could be recorded, and is not written if not. All methods may be called by
 * any thread; updates are done one at a time.
 */
public final class SuperblockStore implements TailStore {
    private final LiveSuperblocks live;

    /** A store for the superblocks of an assembled array; nothing is written before the first update. */
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
        for (Assembly.RebuildingDevice rebuilding : assembly.rebuilding()) {
            DeviceRole deviceRole = new DeviceRole(
                    rebuilding.slot(), false, rebuilding.recovery(), rebuilding.replacement(), rebuilding.byBitmap());
            join(rebuilding.device(), deviceRole, devices, roles);
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
     * What each superblock says from the first update on: the logical block size and Synology's marks are those of the
     * freshest superblock; the size of the data area is the part of it that exists on the device (as after mdadm's
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

    /** Calls a hook before each update from now on, in place of an earlier hook. */
    public void keepInStep(UpdateHook hook) {
        live.keepInStep(hook);
    }

    /** Keeps a device's bad-block log up to date from now on; no effect if no live device has this number. */
    public void keepBadBlocks(int deviceNumber, BadBlockLog log) {
        live.keepBadBlocks(deviceNumber, log);
    }

    /** Writes all changed bad-block logs, durably. */
    public void storeBadBlocks() throws IOException {
        update(s -> s);
    }

    /** The event count that was last written, or that the array was assembled with. */
    public long events() {
        return live.events();
    }

    /** The superblock of any live member as it is now. */
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
     * Records how far the array's parity is correct.
     *
     * <p>Dirty asserts nothing, so it is written even if the journal device can't be written.
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
     * Records on all other devices that the device of this role has failed, and never writes it again. Does nothing if
     * no device has the role any more.
     *
     * @param slot a member's slot
     * @throws IOException if no other device could be written: the failure is not recorded
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
     * Records on all members that the journal device has failed, and never writes it again: from now on no mount
     * replays it. Call only when all that it held is on the members, flushed.
     *
     * @throws IOException if no member could be written
     */
    public void markJournalFaulty() throws IOException {
        markFaulty(Roles.JOURNAL);
    }

    /**
     * Makes the array one without a journal, on all members. Call only when all that the journal held is on the
     * members, flushed. The journal's own superblock is not changed; the members' newer superblocks, which know no
     * journal, supersede it.
     *
     * @throws IOException as {@link #update}; the superblocks may be with or without the journal then
     */
    public void dropJournal() throws IOException {
        int number = state().numberOf(Roles.JOURNAL);
        live.dismiss(number);
        update(s -> s.withoutRole(number).withoutFeatures(Features.JOURNAL));
    }

    /**
     * Makes a device the journal of an array that has none. Its superblock must be on it already and say that it is a
     * spare, with the event count of the others: so a crash before this is complete leaves a consistent array, with or
     * without a journal.
     *
     * @throws IOException as {@link #update}; the superblocks may be with or without the journal then
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
     * Makes a device a spare of the array. Its superblock must be on it already and say so, with the event count of the
     * others: a crash before this is complete leaves the array with or without the spare.
     *
     * @throws IOException as {@link #update}
     */
    public void addSpare(FoundDevice spare) throws IOException {
        int number = spare.superblock().deviceNumber();
        live.admit(spare);
        updateWith(number, s -> s.withRole(number, DeviceRole.of(Roles.SPARE)));
    }

    /** An update that gives a device its role; if the device fails in it, no device has that role. */
    private void updateWith(int deviceNumber, UnaryOperator<ArrayState> change) throws IOException {
        update(s -> live.isWritten(deviceNumber) ? change.apply(s) : s);
        if (!live.isWritten(deviceNumber)) {
            throw new IOException("the superblock of the new device could not be written");
        }
    }

    /**
     * Removes a device from the array: a spare, or one that has failed. In the latter case the role tables still call
     * its number faulty, so that the device is not accepted if it comes back, and another
     * device gets the number only if the table has no unused one.
     */
    public void remove(int deviceNumber) throws IOException {
        live.dismiss(deviceNumber);
        update(s -> s.withoutRole(deviceNumber));
    }

    /**
     * Gives a spare a slot. Nothing is rebuilt on it yet.
     *
     * @param replacement true if the slot has a member, which this device is to replace
     */
    public void startRebuild(int deviceNumber, int slot, boolean replacement) throws IOException {
        updateWith(
                deviceNumber,
                s -> s.withRole(
                        deviceNumber, new DeviceRole(slot, false, RecoveryPosition.none(), replacement, false)));
    }

    /**
     * Gives a spare that was the member of a slot before this slot again. All regions that it lacks must be marked in
     * the bitmap of every member, and none of these bits may be cleared before it is in sync.
     */
    public void startReturn(int deviceNumber, int slot) throws IOException {
        updateWith(
                deviceNumber,
                s -> s.withRole(deviceNumber, new DeviceRole(slot, false, RecoveryPosition.none(), false, true)));
    }

    /**
     * Records how far the device of a slot is rebuilt. The device is flushed before this is written.
     */
    public void storeRecovered(int deviceNumber, RecoveryPosition position) throws IOException {
        update(s -> {
            DeviceRole deviceRole = s.roleOf(deviceNumber);
            if (deviceRole == null || deviceRole.faulty() || !Roles.isSlot(deviceRole.role())) {
                return s;
            }
            DeviceRole next = deviceRole.recoveredTo(position);
            // If the member that it was to replace has failed meanwhile, the device has the slot.
            return s.withRole(deviceNumber, s.numberOf(deviceRole.role()) < 0 ? next.promoted() : next);
        });
    }

    /**
     * A device number for a new device: one that the table shows as unused; otherwise one of a device that failed and
     * was removed; -1 if the table is full.
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
     * Changes the state and writes all superblocks once, even if the state stays the same.
     *
     * @param change called with the present state, without another update in between; may be called several times
     * @throws IOException if a device could not be flushed first (then nothing is changed), if the journal device could
     *     not be written (its superblock may have the old or the new content), or if no device could be written
     */
    public void update(UnaryOperator<ArrayState> change) throws IOException {
        live.apply(change, true);
    }
}
