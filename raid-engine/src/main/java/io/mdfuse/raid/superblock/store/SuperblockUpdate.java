package io.mdfuse.raid.superblock.store;

import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.io.IOException;
import java.util.List;

/**
 * One update of the superblocks of all live devices. It reaches the media in this order:
 *
 * <ol>
 *   <li>flush every device: what the new state asserts (a moved tail, a clean array, a block that is good again) must
 *       be true on the medium before the assertion is written;
 *   <li>write the present state with the present event count to the devices that are behind. A crash during an update
 *       leaves some devices one event behind, which {@link AssemblyRules} accepts. If this update were interrupted,
 *       too, they would be two events behind, and stale. They get the update time of the others, since devices with one
 *       count and two times count as not stopped together ({@link UpdateTimes}). A member that is being taken back by
 *       force is skipped here: see {@link LiveDevice#isTakenBack};
 *   <li>write each bad-block log whose list has changed, and flush it: the list must be durable before the superblock
 *       that announces it is written;
 *   <li>write every superblock, with the next event count and the current time;
 *   <li>flush every device.
 * </ol>
 *
 * <p>A device that fails in one step is left out of the following steps; the others continue.
 */
final class SuperblockUpdate {
    /** A device that failed in an update. */
    record Failure(LiveDevice device, IOException cause) {
        /** True if the host's file system is full, so that the device itself has not failed. */
        boolean hostLacksRoom() {
            return NoSpaceException.findIn(cause) != null;
        }
    }

    /** A step of an update on one device. */
    private interface Step {
        void run(LiveDevice device) throws IOException;
    }

    private final List<LiveDevice> live;
    private final long nextEvents;
    private final long epochSecond;
    private final List<Failure> failures;

    /**
     * Nothing is written yet.
     *
     * @param live the devices to write
     * @param nextEvents the event count of the new state
     * @param epochSecond the current time
     * @param failures collects the devices that fail
     */
    SuperblockUpdate(List<LiveDevice> live, long nextEvents, long epochSecond, List<Failure> failures) {
        this.live = live;
        this.nextEvents = nextEvents;
        this.epochSecond = epochSecond;
        this.failures = failures;
    }

    /** The first two steps. After them the caller decides, by the failures, whether to {@link #write} the new state. */
    void prepare(ArrayState now, UpdateHook hook) {
        forEach(live, device -> hook.beforeUpdate(device.deviceNumber(), nextEvents));
        live.forEach(LiveDevice::gatherBadBlocks);
        forEach(live, LiveDevice::flush);
        List<LiveDevice> behind = live.stream()
                .filter(device -> device.heldEvents() < nextEvents - 1 && !device.isTakenBack())
                .toList();
        if (!behind.isEmpty()) {
            writeAndFlush(behind, new SuperblockRevision(now, nextEvents - 1, presentSecond()));
        }
    }

    /** The update time with which the present event count was written. */
    private long presentSecond() {
        return live.stream()
                .filter(device -> device.heldEvents() == nextEvents - 1)
                .mapToLong(device -> device.superblock().utimeSeconds())
                .findFirst()
                .orElse(epochSecond);
    }

    /** The remaining steps. */
    void write(ArrayState next) {
        forEach(live, LiveDevice::writeBadBlocks);
        writeAndFlush(live, new SuperblockRevision(next, nextEvents, epochSecond));
        forEach(live, LiveDevice::badBlocksStored);
    }

    private void writeAndFlush(List<LiveDevice> devices, SuperblockRevision revision) {
        forEach(devices, device -> device.write(revision.of(device)));
        forEach(devices, LiveDevice::flush);
    }

    private void forEach(List<LiveDevice> devices, Step step) {
        for (LiveDevice device : devices) {
            if (failures.stream().noneMatch(failure -> failure.device() == device)) {
                try {
                    step.run(device);
                } catch (IOException e) {
                    failures.add(new Failure(device, e));
                }
            }
        }
    }
}
