package io.mdfuse.raid.superblock.store;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.SuperblockUpdate.Failure;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The live devices of an open array and the state that their superblocks hold, and what happens to both where a device
 * fails in an update. In which order an update reaches the media is {@link SuperblockUpdate}'s to say.
 *
 * <p>An update is a <b>promise</b>, or it <b>takes one back</b> (a failure, becoming dirty):
 *
 * <pre>
 *                        a device can't be flushed, or brought to the present count, first
 *   promise              nothing is written; its failure is reported; once more without it, or its error if it is
 *                        still live
 *   takes one back       goes on without it, unless that device would fall two events behind: then that failure is
 *                        decided on first
 * </pre>
 *
 * <p>Nobody who has a slot and is not called faulty ever falls two events behind: it would be stale, though nobody had
 * decided to go on without it. So where a failure is to be recorded and another member can't be brought to the present
 * count first, that one's failure is decided on before, and both are recorded in one update; where the array can't do
 * without it, neither is. A journal may fall behind by one event more with each failure that is recorded, and with the
 * array's becoming dirty.
 *
 * <p>A device whose host has no room for its superblock has not failed and is not reported: a promise is not made then,
 * and else the device stays behind as one that failed would.
 *
 * <p>Failures are reported with no lock held, since whoever hears of one records it here. A spare that fails is simply
 * not written any more. All methods may be called by many threads; updates are done one at a time.
 */
final class LiveSuperblocks {
    private final RankedLock lock = new RankedLock(LockRank.SUPERBLOCKS);
    private final InstantSource clock;
    private final StoreListener listener;
    private final List<LiveDevice> devices = new ArrayList<>();
    /** Devices whose failure is being recorded: every update says so of all of them. */
    private final Set<Integer> failing = new TreeSet<>();

    private UpdateHook hook = (deviceNumber, events) -> {};
    private ArrayState state;
    private long events;

    /** Takes over devices with the state that they hold; nothing is written before the first update. */
    LiveSuperblocks(List<LiveDevice> live, ArrayState state, long events, InstantSource clock, StoreListener listener) {
        devices.addAll(live);
        this.state = state;
        this.events = events;
        this.clock = clock;
        this.listener = listener;
    }

    /** Has something beside the superblocks keep step with them from now on. */
    void keepInStep(UpdateHook newHook) {
        lock.lock();
        try {
            hook = newHook;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a device's bad-block log from now on; where there is none of this number any more, nothing happens. */
    void keepBadBlocks(int deviceNumber, BadBlockLog log) {
        lock.lock();
        try {
            LiveDevice device = device(deviceNumber);
            if (device != null) {
                device.keepBadBlocks(log);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The event count that was last written, or that the array was assembled with. */
    long events() {
        lock.lock();
        try {
            return events;
        } finally {
            lock.unlock();
        }
    }

    /** The state that was last written, or that the array was assembled with. */
    ArrayState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** The superblock of some live member as it is now. */
    Superblock anyMember() {
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

    /** True where the device is written with the others. */
    boolean isWritten(int deviceNumber) {
        lock.lock();
        try {
            return device(deviceNumber) != null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable LiveDevice device(int deviceNumber) {
        for (LiveDevice device : devices) {
            if (device.deviceNumber() == deviceNumber) {
                return device;
            }
        }
        return null;
    }

    /**
     * From here on its superblock is written with the others, as a spare's; its place is given to it in the next
     * update.
     */
    void admit(FoundDevice device) {
        int number = device.superblock().deviceNumber();
        lock.lock();
        try {
            devices.removeIf(old -> old.deviceNumber() == number);
            devices.add(new LiveDevice(device));
            state = state.withRole(number, DeviceRole.of(Roles.SPARE));
        } finally {
            lock.unlock();
        }
    }

    /** From here on its superblock is not written any more. */
    void dismiss(int deviceNumber) {
        lock.lock();
        try {
            devices.removeIf(device -> device.deviceNumber() == deviceNumber);
        } finally {
            lock.unlock();
        }
    }

    /** Records a failure: that of this device, in an update that says so, as does every other one meanwhile. */
    void recordFailure(int deviceNumber) throws IOException {
        noteFailing(deviceNumber, true);
        try {
            apply(s -> s, false);
        } finally {
            // Where it could not be recorded, no later update says so either.
            noteFailing(deviceNumber, false);
        }
    }

    private void noteFailing(int deviceNumber, boolean recording) {
        lock.lock();
        try {
            if (recording) {
                failing.add(deviceNumber);
            } else {
                failing.remove(deviceNumber);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes the state in one write of all superblocks, which also happens where the state stays the same.
     *
     * @param change is called with the present state, under the lock
     * @param allOrNothing false where it takes a promise back
     * @throws IOException where a device could not be flushed first (nothing is changed then), where the journal
     *     device could not be written (its superblock may be old or new), or where no device could
     */
    void apply(UnaryOperator<ArrayState> change, boolean allOrNothing) throws IOException {
        while (true) {
            List<Failure> failures = new ArrayList<>();
            List<Failure> blocking;
            try {
                lock.lock();
                try {
                    blocking = write(withFailing(change.apply(state)), allOrNothing, failures);
                    dropFailedSpares(failures);
                } finally {
                    lock.unlock();
                }
            } finally {
                report(failures);
            }
            if (blocking.isEmpty() || (!allOrNothing && isAllOnRecord(change))) {
                return;
            }
            throwIfStillLive(blocking);
        }
    }

    /** Whoever was in the way may have been recorded meanwhile, and with it all the others. */
    private boolean isAllOnRecord(UnaryOperator<ArrayState> change) {
        lock.lock();
        try {
            return withFailing(change.apply(state)).equals(state);
        } finally {
            lock.unlock();
        }
    }

    private ArrayState withFailing(ArrayState next) {
        ArrayState all = next;
        for (int deviceNumber : failing) {
            all = all.withFaulty(deviceNumber);
        }
        return all;
    }

    /** Answers because of whom nothing was written; nobody where it was. */
    private List<Failure> write(ArrayState next, boolean allOrNothing, List<Failure> failures) throws IOException {
        List<LiveDevice> live = live(next);
        SuperblockUpdate update =
                new SuperblockUpdate(live, events + 1, clock.instant().getEpochSecond(), failures);
        update.prepare(state, hook);
        List<Failure> blocking = failures.stream()
                .filter(failure -> allOrNothing || wouldBeStale(failure.device()))
                .toList();
        if (!blocking.isEmpty()) {
            return blocking;
        }
        update.write(next);
        // Some device may hold the new count even where all seem to have failed: it is never used twice.
        events++;
        for (Failure failure : failures) {
            boolean journalLost = allOrNothing && role(failure.device()) == Roles.JOURNAL;
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
            if (role(failure.device()) == Roles.SPARE && !failure.hostLacksRoom()) {
                devices.remove(failure.device());
                state = state.withoutRole(failure.device().deviceNumber());
            }
        }
    }

    private int role(LiveDevice device) {
        DeviceRole deviceRole = state.roleOf(device.deviceNumber());
        return deviceRole == null ? Roles.SPARE : deviceRole.role();
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
                    DeviceRole deviceRole = next.roleOf(device.deviceNumber());
                    return deviceRole != null && !deviceRole.faulty();
                })
                .toList();
    }

    private void report(List<Failure> failures) {
        for (Failure failure : failures) {
            DeviceRole deviceRole = state().roleOf(failure.device().deviceNumber());
            if (failure.hostLacksRoom()) {
                continue;
            }
            if (deviceRole == null) {
                listener.spareFailed(failure.device().name(), failure.cause());
                continue;
            }
            if (deviceRole.role() == Roles.JOURNAL) {
                listener.journalFailed(failure.cause());
            } else if (Roles.isSlot(deviceRole.role())) {
                listener.memberFailed(failure.device().deviceNumber(), failure.cause());
            }
        }
    }
}
