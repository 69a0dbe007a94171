package io.mdfuse.raid.superblock;

import io.mdfuse.journal.TailStore;
import io.mdfuse.raid.superblock.SuperblockUpdate.Failure;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Keeps the superblocks of an open array: one state, written to every live device whenever it changes.
 *
 * <p>Live are the members in their slots, the journal and the spares; a member that failed is not written any
 * more, so that its event count stays behind and nobody believes it again. In which order an update reaches the media is
 * {@link SuperblockUpdate}'s to say.
 *
 * <p>A role table that names devices which are not here would let them back in one event later, as if nothing had
 * been written without them. So from the first update on, every number without a live device is a spare's
 * (as in md), or stays faulty.
 *
 * <p>A device that fails on the way does not stop the others: it is named to the {@link StoreListener} after the
 * update, and where the array can do without it, it is not live any more when the listener returns. {@link #markFaulty}
 * records a failure and so goes on where the flush of another device fails, as does becoming dirty; every other update is a promise, which is not
 * written at all then. It is made again without the device that failed, or throws where that is still live. A spare that
 * fails is simply not written any more.
 *
 * <p>Nobody who has a slot and is not called faulty ever falls two events behind: it would be stale, though nobody had decided
 * to go on without it. So where a failure is to be recorded and another member can't be brought to the present count first, that
 * one's failure is decided on before, and both are recorded in one update; where the array can't do without it, neither
 * is. A journal may fall behind by one event more with each failure that is recorded, and with the array's becoming dirty. All
 * methods may be called by many threads; updates are done one at a time.
 */
public final class SuperblockStore implements TailStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final InstantSource clock;
    private final StoreListener listener;
    private final List<LiveDevice> devices = new ArrayList<>();
    /** Devices whose failure is being recorded: every update says so of all of them. */
    private final Set<Integer> condemned = new TreeSet<>();

    private UpdateHook hook = (deviceNumber, events) -> {};
    private ArrayState state;
    private long events;

    /** Takes over the superblocks of an assembled array; nothing is written before the first update. */
    public SuperblockStore(Assembly assembly, InstantSource clock, StoreListener listener) {
        this.clock = clock;
        this.listener = listener;
        Map<Integer, Place> places = new TreeMap<>();
        for (int slot = 0; slot < assembly.slots().size(); slot++) {
            FoundDevice member = assembly.slots().get(slot);
            if (member != null) {
                join(member, Place.of(slot), places);
            }
        }
        long tail = 0;
        FoundDevice journal = assembly.journal();
        if (journal != null) {
            join(journal, Place.of(Roles.JOURNAL), places);
            tail = journal.superblock().journalTailSector();
        }
        for (Assembly.Joiner joiner : assembly.joining()) {
            Place place =
                    new Place(joiner.slot(), false, joiner.recoveredSectors(), joiner.replacement(), joiner.byBitmap());
            join(joiner.device(), place, places);
        }
        for (Assembly.Bystander other : assembly.others()) {
            if (other.standing() == Assembly.Standing.SPARE) {
                join(other.device(), Place.of(Roles.SPARE), places);
            }
        }
        Superblock reference = assembly.reference();
        int features = reference.featureMap() & ~Features.PER_DEVICE;
        this.state = new ArrayState(reference.resyncOffsetSectors(), tail, features, places);
        this.events = reference.events();
    }

    /** Has something beside the superblocks keep step with them from now on. */
    public void keepInStep(UpdateHook newHook) {
        lock.lock();
        try {
            hook = newHook;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a device's bad-block log from now on; where there is none of this number any more, nothing happens. */
    public void keepBadBlocks(int deviceNumber, BadBlockLog log) {
        lock.lock();
        try {
            for (LiveDevice device : devices) {
                if (device.deviceNumber() == deviceNumber) {
                    device.keepBadBlocks(log);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Brings all bad-block logs to what is known to be bad, durably. */
    public void storeBadBlocks() throws IOException {
        update(s -> s);
    }

    private void join(FoundDevice device, Place place, Map<Integer, Place> places) {
        devices.add(new LiveDevice(device));
        places.put(device.superblock().deviceNumber(), place);
    }

    /** The event count that was last written, or that the array was assembled with. */
    public long events() {
        lock.lock();
        try {
            return events;
        } finally {
            lock.unlock();
        }
    }

    /** The superblock of some live member as it is now. */
    public Superblock anyMember() {
        lock.lock();
        try {
            for (LiveDevice device : live(state)) {
                if (Roles.isSlot(role(device))) {
                    return device.superblock();
                }
            }
            throw new IllegalStateException("the array has no member");
        } finally {
            lock.unlock();
        }
    }

    /** The state that was last written, or that the array was assembled with. */
    public ArrayState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
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
     * @param sectors {@link Superblock#IN_SYNC}, 0 (dirty), or the member sector up to which a resync has come
     */
    public void storeResyncOffset(long sectors) throws IOException {
        apply(s -> s.withResyncOffset(sectors), sectors != 0);
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
        Place place = state().place(deviceNumber);
        if (place == null || place.faulty()) {
            return;
        }
        condemn(deviceNumber, true);
        try {
            apply(s -> s, false);
        } finally {
            // Where it could not be recorded, no later update says so either.
            condemn(deviceNumber, false);
        }
    }

    private void condemn(int deviceNumber, boolean recording) {
        lock.lock();
        try {
            if (recording) {
                condemned.add(deviceNumber);
            } else {
                condemned.remove(deviceNumber);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records on all members that the journal device has failed, and never writes it again: from here on no mount trusts
     * what it holds. All that it held is on the members, flushed.
     *
     * @throws IOException where no member could be written
     */
    public void markJournalFaulty() throws IOException {
        markFaulty(Roles.JOURNAL);
    }

    /**
     * Makes the array one without a journal, on all members. What the journal held is on them; its own superblock is left as
     * it is, and the members' word that they know no journal outdates it.
     *
     * @throws IOException as {@link #update}; the superblocks may say one or the other then
     */
    public void dropJournal() throws IOException {
        int number = state().numberOf(Roles.JOURNAL);
        lock.lock();
        try {
            devices.removeIf(device -> device.deviceNumber() == number);
        } finally {
            lock.unlock();
        }
        update(s -> s.withoutPlace(number).withoutFeatures(Features.JOURNAL));
    }

    /**
     * Makes a device the journal of an array that has none. Its superblock is on it and says, as often written as the others,
     * that it is a spare: so a crash before this is through leaves the array with a journal or without, and whole.
     *
     * @throws IOException as {@link #update}; the superblocks may say one or the other then
     */
    public void addJournal(FoundDevice journal) throws IOException {
        int number = journal.superblock().deviceNumber();
        admit(journal);
        updateWith(
                number,
                s -> s.withPlace(number, Place.of(Roles.JOURNAL))
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
        admit(spare);
        updateWith(number, s -> s.withPlace(number, Place.of(Roles.SPARE)));
    }

    /** An update that gives a device its place; where the device fails in it, nobody has that place. */
    private void updateWith(int deviceNumber, UnaryOperator<ArrayState> change) throws IOException {
        update(s -> isWritten(deviceNumber) ? change.apply(s) : s);
        lock.lock();
        try {
            if (!isWritten(deviceNumber)) {
                throw new IOException("the superblock of the new device could not be written");
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isWritten(int deviceNumber) {
        return devices.stream().anyMatch(device -> device.deviceNumber() == deviceNumber);
    }

    /** From here on its superblock is written with the others; its place is given to it in the same update. */
    private void admit(FoundDevice device) {
        int number = device.superblock().deviceNumber();
        lock.lock();
        try {
            devices.removeIf(old -> old.deviceNumber() == number);
            devices.add(new LiveDevice(device));
            state = state.withPlace(number, Place.of(Roles.SPARE));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The device is not part of the array any more: a spare, or one that has failed. Its number keeps being called faulty
     * in the latter case, so that the device is not believed should it come back, and nobody else gets the number.
     */
    public void remove(int deviceNumber) throws IOException {
        lock.lock();
        try {
            devices.removeIf(device -> device.deviceNumber() == deviceNumber);
        } finally {
            lock.unlock();
        }
        update(s -> s.withoutPlace(deviceNumber));
    }

    /**
     * Moves a spare into a slot in which nothing of it is rebuilt yet.
     *
     * @param replacement true where the slot has a member, which this one is to replace
     */
    public void startRebuild(int deviceNumber, int slot, boolean replacement) throws IOException {
        updateWith(deviceNumber, s -> s.withPlace(deviceNumber, new Place(slot, false, 0, replacement, false)));
    }

    /**
     * Moves a spare that holds what it held as the member of a slot back into it. All that it lacks has a bit in the bitmap of
     * every member, and none of these bits is cleared before it is in sync.
     */
    public void startReturn(int deviceNumber, int slot) throws IOException {
        updateWith(deviceNumber, s -> s.withPlace(deviceNumber, new Place(slot, false, 0, false, true)));
    }

    /**
     * Says how far the device of a slot is rebuilt. What it was given so far is flushed before that is written.
     *
     * @param sectors up to where, or {@link Superblock#IN_SYNC}
     */
    public void storeRecovered(int deviceNumber, long sectors) throws IOException {
        update(s -> {
            Place place = s.place(deviceNumber);
            if (place == null || place.faulty() || !Roles.isSlot(place.role())) {
                return s;
            }
            Place next = place.recovered(sectors);
            // Where the member that it was to replace has failed meanwhile, the slot is its own.
            return s.withPlace(deviceNumber, s.numberOf(place.role()) < 0 ? next.promoted() : next);
        });
    }

    /**
     * A device number that no device has, or ever had as far as the table tells; where there is none left, one of a device
     * that failed and is gone; -1 where the table is full.
     */
    public int freeDeviceNumber() {
        lock.lock();
        try {
            int unused = numberWithRole(Roles.SPARE);
            return unused >= 0 ? unused : numberWithRole(Roles.FAULTY);
        } finally {
            lock.unlock();
        }
    }

    private int numberWithRole(int role) {
        Superblock any = devices.getFirst().superblock();
        for (int number = 0; number < any.maxDev(); number++) {
            if (state.place(number) == null && any.role(number) == role) {
                return number;
            }
        }
        return -1;
    }

    /**
     * Changes the state in one write of all superblocks, which also happens where the state stays the same.
     *
     * @param change is called with the present state, under the store's lock
     * @throws IOException where a device could not be flushed first (nothing is changed then), where the journal
     *     device could not be written (its superblock may be old or new), or where no device could
     */
    public void update(UnaryOperator<ArrayState> change) throws IOException {
        apply(change, true);
    }

    private void apply(UnaryOperator<ArrayState> change, boolean promise) throws IOException {
        while (true) {
            List<Failure> failures = new ArrayList<>();
            List<Failure> inTheWay;
            try {
                lock.lock();
                try {
                    inTheWay = write(withCondemned(change.apply(state)), promise, failures);
                    dropFailedSpares(failures);
                } finally {
                    lock.unlock();
                }
            } finally {
                report(failures);
            }
            if (inTheWay.isEmpty() || (!promise && isAllOnRecord(change))) {
                return;
            }
            throwIfStillLive(inTheWay);
        }
    }

    /** Whoever was in the way may have been recorded meanwhile, and with it all the others. */
    private boolean isAllOnRecord(UnaryOperator<ArrayState> change) {
        lock.lock();
        try {
            return withCondemned(change.apply(state)).equals(state);
        } finally {
            lock.unlock();
        }
    }

    private ArrayState withCondemned(ArrayState next) {
        ArrayState all = next;
        for (int deviceNumber : condemned) {
            all = all.withFaulty(deviceNumber);
        }
        return all;
    }

    /** Answers because of whom nothing was written; nobody where it was. */
    private List<Failure> write(ArrayState next, boolean promise, List<Failure> failures) throws IOException {
        List<LiveDevice> live = live(next);
        SuperblockUpdate update =
                new SuperblockUpdate(live, events + 1, clock.instant().getEpochSecond(), failures);
        update.prepare(state, hook);
        List<Failure> inTheWay = failures.stream()
                .filter(failure -> promise || wouldBeStale(failure.device()))
                .toList();
        if (!inTheWay.isEmpty()) {
            return inTheWay;
        }
        update.write(next);
        // Some device may hold the new count even where all seem to have failed: it is never used twice.
        events++;
        for (Failure failure : failures) {
            boolean journalLost = promise && role(failure.device()) == Roles.JOURNAL;
            if (journalLost || failures.size() >= live.size()) {
                throw failure.cause();
            }
        }
        state = next;
        return List.of();
    }

    private boolean wouldBeStale(LiveDevice device) {
        return device.heldEvents() < events && Roles.isSlot(role(device));
    }

    private void dropFailedSpares(List<Failure> failures) {
        for (Failure failure : failures) {
            if (role(failure.device()) == Roles.SPARE) {
                devices.remove(failure.device());
                state = state.withoutPlace(failure.device().deviceNumber());
            }
        }
    }

    private int role(LiveDevice device) {
        Place place = state.place(device.deviceNumber());
        return place == null ? Roles.SPARE : place.role();
    }

    private void throwIfStillLive(List<Failure> failures) throws IOException {
        lock.lock();
        try {
            List<LiveDevice> live = live(state);
            for (Failure failure : failures) {
                if (live.contains(failure.device())) {
                    throw failure.cause();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private List<LiveDevice> live(ArrayState next) {
        return devices.stream()
                .filter(device -> {
                    Place place = next.place(device.deviceNumber());
                    return place != null && !place.faulty();
                })
                .toList();
    }

    private void report(List<Failure> failures) {
        for (Failure failure : failures) {
            Place place = state().place(failure.device().deviceNumber());
            if (place == null) {
                continue;
            }
            if (place.role() == Roles.JOURNAL) {
                listener.journalFailed(failure.cause());
            } else if (Roles.isSlot(place.role())) {
                listener.memberFailed(failure.device().deviceNumber(), failure.cause());
            }
        }
    }
}
