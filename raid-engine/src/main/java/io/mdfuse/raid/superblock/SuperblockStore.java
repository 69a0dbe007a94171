package io.mdfuse.raid.superblock;

import io.mdfuse.journal.TailStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Keeps the superblocks of an open array: one state, written to every live device whenever it changes.
 *
 * <p>Live are the members in their slots, the journal and the spares; a member that failed is not written any
 * more, so that its event count stays behind and nobody believes it again. Each update does, in this order:
 *
 * <ol>
 *   <li>flush every live device: what the new state promises (a moved tail, a clean array) must be true on the
 *       medium before the promise is;
 *   <li>write every superblock, with one event more and the time of now;
 *   <li>flush every live device.
 * </ol>
 *
 * <p>A role table that names devices which are not here would let them back in one event later, as if nothing had
 * been written without them. So from the first update on, every number without a live device is a spare's
 * (as in md), or stays faulty.
 *
 * <p>A device that fails on the way does not stop the others: it is named to the {@link StoreListener} after the
 * update, and where the array can do without it, it is not live any more when the listener returns. {@link #markFaulty}
 * records a failure and so goes on where the flush of another device fails; every other update is a promise, which is not
 * written at all then. It is made again without the device that failed, or throws where that is still live. A spare that
 * fails is simply not written any more. All methods may be called by many threads; updates are done one at a time.
 */
public final class SuperblockStore implements TailStore {
    /** A device that failed in one update. */
    private record Failure(LiveDevice device, IOException cause) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final InstantSource clock;
    private final StoreListener listener;
    private final List<LiveDevice> devices = new ArrayList<>();
    private UpdateHook hook = (role, events) -> {};
    private ArrayState state;
    private long events;

    /** Takes over the superblocks of an assembled array; nothing is written before the first update. */
    public SuperblockStore(Assembly assembly, InstantSource clock, StoreListener listener) {
        this.clock = clock;
        this.listener = listener;
        for (int slot = 0; slot < assembly.slots().size(); slot++) {
            FoundDevice member = assembly.slots().get(slot);
            if (member != null) {
                devices.add(new LiveDevice(member, slot));
            }
        }
        long tail = 0;
        FoundDevice journal = assembly.journal();
        if (journal != null) {
            devices.add(new LiveDevice(journal, Roles.JOURNAL));
            tail = journal.superblock().journalTailSector();
        }
        for (Assembly.Bystander other : assembly.others()) {
            if (other.standing() == Assembly.Standing.SPARE) {
                devices.add(new LiveDevice(other.device(), Roles.SPARE));
            }
        }
        Superblock reference = assembly.reference();
        int features = reference.featureMap() & ~Features.PER_DEVICE;
        this.state = new ArrayState(reference.resyncOffsetSectors(), tail, features, Set.of());
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

    /** The event count that was last written, or that the array was assembled with. */
    public long events() {
        lock.lock();
        try {
            return events;
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
     * @param sectors {@link Superblock#IN_SYNC}, 0 (dirty), or the member sector up to which a resync has come
     */
    public void storeResyncOffset(long sectors) throws IOException {
        update(s -> s.withResyncOffset(sectors));
    }

    /** Clears bits of the feature map on all devices. */
    public void clearFeatures(int bits) throws IOException {
        update(s -> s.withoutFeatures(bits));
    }

    /**
     * Records on all survivors that the device of this role has failed, and never writes it again. Does nothing
     * where that is known already.
     *
     * @param slot a member's slot
     * @throws IOException where no survivor could be written: the failure is not on record
     */
    public void markFaulty(int slot) throws IOException {
        if (!state().faultySlots().contains(slot)) {
            apply(s -> s.withFaulty(slot), false);
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
        lock.lock();
        try {
            devices.removeIf(device -> device.role() == Roles.JOURNAL);
        } finally {
            lock.unlock();
        }
        update(s -> s.withoutFeatures(Features.JOURNAL));
    }

    /**
     * Makes a device the journal of an array that has none. Its superblock is on it and says, as often written as the others,
     * that it is a spare: so a crash before this is through leaves the array with a journal or without, and whole.
     *
     * @throws IOException as {@link #update}; the superblocks may say one or the other then
     */
    public void addJournal(FoundDevice journal) throws IOException {
        lock.lock();
        try {
            devices.add(new LiveDevice(journal, Roles.JOURNAL));
        } finally {
            lock.unlock();
        }
        update(s -> s.withFeatures(Features.JOURNAL).withJournalTail(0));
    }

    /** A device number that no device has, or ever had as far as the table tells; -1 where the table is full. */
    public int freeDeviceNumber() {
        lock.lock();
        try {
            Superblock any = devices.getFirst().superblock();
            for (int number = 0; number < any.maxDev(); number++) {
                int candidate = number;
                boolean taken = devices.stream().anyMatch(device -> device.deviceNumber() == candidate);
                if (!taken && any.role(number) == Roles.SPARE) {
                    return number;
                }
            }
            return -1;
        } finally {
            lock.unlock();
        }
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
            boolean written;
            try {
                lock.lock();
                try {
                    written = write(change.apply(state), promise, failures);
                    dropFailedSpares(failures);
                } finally {
                    lock.unlock();
                }
            } finally {
                report(failures);
            }
            if (written) {
                return;
            }
            throwIfStillLive(failures);
        }
    }

    /** False where a promise was not written, because a device that it relies on could not be flushed. */
    private boolean write(ArrayState next, boolean promise, List<Failure> failures) throws IOException {
        List<LiveDevice> live = live(next);
        forEach(live, device -> hook.beforeUpdate(device.role(), events + 1), failures);
        forEach(live, LiveDevice::flush, failures);
        catchUp(live, failures);
        if (promise && !failures.isEmpty()) {
            return false;
        }
        SuperblockRevision revision =
                new SuperblockRevision(next, events + 1, clock.instant().getEpochSecond(), devices);
        forEach(live, device -> device.write(revision.of(device)), failures);
        forEach(live, LiveDevice::flush, failures);
        // Some device may hold the new count even where all seem to have failed: it is never used twice.
        events++;
        for (Failure failure : failures) {
            boolean journalLost = promise && failure.device().role() == Roles.JOURNAL;
            if (journalLost || failures.size() >= live.size()) {
                throw failure.cause();
            }
        }
        state = next;
        return true;
    }

    private void dropFailedSpares(List<Failure> failures) {
        devices.removeIf(device ->
                device.role() == Roles.SPARE && failures.stream().anyMatch(failure -> failure.device() == device));
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

    /**
     * A crash in the middle of an update leaves some devices one event behind, which is forgiven. Were the next update
     * cut short too, they would be two behind, and stale: so they are first brought to the count of the others.
     */
    private void catchUp(List<LiveDevice> live, List<Failure> failures) {
        List<LiveDevice> behind = live.stream()
                .filter(device -> device.superblock().events() < events)
                .toList();
        if (!behind.isEmpty()) {
            SuperblockRevision revision =
                    new SuperblockRevision(state, events, clock.instant().getEpochSecond(), devices);
            forEach(behind, device -> device.write(revision.of(device)), failures);
            forEach(behind, LiveDevice::flush, failures);
        }
    }

    private List<LiveDevice> live(ArrayState next) {
        return devices.stream()
                .filter(device -> !next.faultySlots().contains(device.role()))
                .toList();
    }

    /** A step of an update on one device. */
    private interface Step {
        void run(LiveDevice device) throws IOException;
    }

    private static void forEach(List<LiveDevice> live, Step step, List<Failure> failures) {
        for (LiveDevice device : live) {
            if (failures.stream().noneMatch(failure -> failure.device() == device)) {
                try {
                    step.run(device);
                } catch (IOException e) {
                    failures.add(new Failure(device, e));
                }
            }
        }
    }

    private void report(List<Failure> failures) {
        for (Failure failure : failures) {
            int role = failure.device().role();
            if (role == Roles.JOURNAL) {
                listener.journalFailed(failure.cause());
            } else if (Roles.isSlot(role)) {
                listener.memberFailed(role, failure.cause());
            }
        }
    }
}
