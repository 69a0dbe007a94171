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
 * The live devices of an open array, the state in their superblocks, and what happens to both if a device fails in an
 * update. {@link SuperblockUpdate} defines the order in which an update reaches the media.
 *
 * <p>An update <b>asserts</b> something (the tail has moved, the array is clean), or it <b>withdraws</b> an assertion
 * (a device has failed, the array is dirty). If a device fails in the first steps of an update, they differ:
 *
 * <pre>
 *                        a device can't be flushed, or brought to the present event count, first
 *   asserts              nothing is written; the failure is reported; then the update is tried again without the
 *                        device, or throws its error if the device is still live
 *   withdraws            continues without the device, unless that would leave the device two events behind: then
 *                        its failure is reported, and recorded or thrown, first
 * </pre>
 *
 * <p>A member that is not marked faulty never falls two events behind: it would be stale, although the array did not
 * decide to continue without it. So if a failure is to be recorded and a second member can't be brought to the present
 * count first, the listener decides about the second failure before, and both are recorded in one update; if the array
 * can't do without the second member, neither is recorded. A journal may fall one more event behind with each recorded
 * failure, and when the array becomes dirty.
 *
 * <p>A device whose host has no room for its superblock has not failed and is not reported: then an update that asserts
 * something throws, and one that withdraws something leaves the device behind, as one that failed.
 *
 * <p>Failures are reported without a lock, since the listener calls back to record them. A spare that fails is removed
 * from the array. All methods may be called by any thread; updates are done one at a time.
 */
final class LiveSuperblocks {
    private final RankedLock lock = new RankedLock(LockRank.SUPERBLOCKS);
    private final InstantSource clock;
    private final StoreListener listener;
    private final List<LiveDevice> devices = new ArrayList<>();
    /** Devices whose failure is being recorded: every update meanwhile marks all of them faulty. */
    private final Set<Integer> failing = new TreeSet<>();

    private UpdateHook hook = (deviceNumber, events) -> {};
    private ArrayState state;
    private long events;

    /** Takes devices and the state in their superblocks; nothing is written before the first update. */
    LiveSuperblocks(List<LiveDevice> live, ArrayState state, long events, InstantSource clock, StoreListener listener) {
        devices.addAll(live);
        this.state = state;
        this.events = events;
        this.clock = clock;
        this.listener = listener;
    }

    /** Calls a hook before each update from now on, in place of an earlier hook. */
    void keepInStep(UpdateHook newHook) {
        lock.lock();
        try {
            hook = newHook;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a device's bad-block log up to date from now on; no effect if no live device has this number. */
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

    /** The superblock of any live member as it is now. */
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

    /** True if the superblock of this device is written in updates. */
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
     * Adds a device as a spare: from now on its superblock is written with the others. The next update may give it
     * another role.
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

    /** Removes a device: from now on its superblock is not written. */
    void dismiss(int deviceNumber) {
        lock.lock();
        try {
            devices.removeIf(device -> device.deviceNumber() == deviceNumber);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records the failure of a device in an update; other updates that run before it is recorded mark the device
     * faulty, too.
     */
    void recordFailure(int deviceNumber) throws IOException {
        noteFailing(deviceNumber, true);
        try {
            apply(s -> s, false);
        } finally {
            // If it could not be recorded, later updates must not mark it either.
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
     * Changes the state and writes all superblocks once, even if the state stays the same.
     *
     * @param change called with the present state, under the lock; may be called several times
     * @param allOrNothing true if the new state asserts something: nothing is written unless all devices could be
     *     flushed
     * @throws IOException if a device could not be flushed first and its failure could not be recorded (then nothing is
     *     changed), if the journal device could not be written (its superblock may have the old or the new content), or
     *     if no device could be written
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

    /** The failures of the blocking devices may have been recorded meanwhile, together with the change. */
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

    /** Returns the failures because of which nothing was written; empty if the state was written. */
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
        // A device may have the new count even if all seem to have failed: a count is never used twice.
        events++;
        hook.afterUpdate(events);
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
