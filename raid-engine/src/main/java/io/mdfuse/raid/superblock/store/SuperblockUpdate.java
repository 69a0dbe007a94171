package io.mdfuse.raid.superblock.store;

import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.io.IOException;
import java.util.List;

/**
 * One update of the superblocks of all live devices, in the order in which it reaches the media:
 *
 * <ol>
 *   <li>flush every device: what the new state promises (a moved tail, a clean array, a block that is good again) must
 *       be true on the medium before the promise is;
 *   <li>bring those who are behind to the present count. A crash in the middle of an update leaves some devices one
 *       event behind, which is forgiven. Were this update cut short too, they would be two behind, and stale. They get
 *       the update time of the others too, since devices with one count and two times were not stopped together ({@link
 *       UpdateTimes}). A member that is being taken back by force is left behind here: see {@link
 *       LiveDevice#isTakenBack};
 *   <li>write each bad-block log whose list has changed, and flush it: a superblock that announces blocks as bad must
 *       not be there before the list of them;
 *   <li>write every superblock, with one event more and the time of now;
 *   <li>flush every device.
 * </ol>
 *
 * <p>A device that fails in one step is left out of those that follow; the others go on.
 */
final class SuperblockUpdate {
    /** A device that failed in an update. */
    record Failure(LiveDevice device, IOException cause) {
        /** True if nothing is wrong with the device itself. */
        boolean hostLacksRoom() {
            return NoSpaceException.behind(cause) != null;
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
     * @param live who is written
     * @param nextEvents the event count of the new state
     * @param epochSecond the time of now
     * @param failures takes those who fail on the way
     */
    SuperblockUpdate(List<LiveDevice> live, long nextEvents, long epochSecond, List<Failure> failures) {
        this.live = live;
        this.nextEvents = nextEvents;
        this.epochSecond = epochSecond;
        this.failures = failures;
    }

    /** The first two steps, after which the new state may be promised, or given up. */
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

    /** The update time that belongs to the present count. */
    private long presentSecond() {
        return live.stream()
                .filter(device -> device.heldEvents() == nextEvents - 1)
                .mapToLong(device -> device.superblock().utimeSeconds())
                .findFirst()
                .orElse(epochSecond);
    }

    /** All other steps. */
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
