package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import java.util.Optional;

/**
 * Finds the superblock of a device that the user named as a member, or refuses the device with a message that says what
 * the device holds instead. It stands above {@link SuperblockLocator} because {@link NonMemberRefusal} itself looks for
 * superblocks: in partitions, and inside an image that is longer than its disk was.
 */
public final class MemberLocator {
    private MemberLocator() {}

    /**
     * As {@link SuperblockLocator#find}, but a device without a superblock is refused with a message that says what it
     * holds instead. So is a disk whose own superblock is corrupt, if its partitions are members, and an image that was
     * not read at a superblock's position.
     */
    public static FoundDevice require(BlockDevice device) throws DeviceException, ArrayRefusedException {
        Optional<Superblock> superblock;
        try {
            superblock = SuperblockLocator.find(device);
        } catch (ArrayRefusedException e) {
            throw NonMemberRefusal.inPlaceOf(e, device).orElse(e);
        } catch (DeviceException e) {
            if (device.unreadable().isEmpty()) {
                throw e;
            }
            throw NonMemberRefusal.inAHole(device, e);
        }
        return found(device, superblock);
    }

    /**
     * As {@link #require}, for a caller that will never write: an image that is longer than the disk was is accepted,
     * cut to the disk's length.
     *
     * @return the device to read from; {@code device} must stay open as long as it is used
     */
    public static FoundDevice requireForReading(BlockDevice device) throws DeviceException, ArrayRefusedException {
        Optional<FoundDevice> overlong = findOverlong(device);
        return overlong.isPresent() ? overlong.get() : require(device);
    }

    /**
     * The device cut to the length of the disk from which it was copied, with its superblock; empty if the device has a
     * superblock at one of md's positions, if its partitions are members, or if no superblock of a shorter disk is
     * found.
     */
    public static Optional<FoundDevice> findOverlong(BlockDevice device) throws DeviceException, ArrayRefusedException {
        try {
            if (SuperblockLocator.find(device).isPresent()
                    || NonMemberRefusal.ofPartitions(device).isPresent()) {
                return Optional.empty();
            }
        } catch (ArrayRefusedException e) {
            return Optional.empty();
        }
        Optional<DeviceSlice> disk = OverlongImage.find(device);
        return disk.isPresent() ? Optional.of(found(disk.get(), SuperblockLocator.find(disk.get()))) : Optional.empty();
    }

    /**
     * As {@link SuperblockLocator#findCertain}, but a device without a superblock is refused as by {@link #require}.
     */
    public static FoundDevice requireCertain(BlockDevice device) throws DeviceException, ArrayRefusedException {
        return found(device, SuperblockLocator.findCertain(device));
    }

    private static FoundDevice found(BlockDevice device, Optional<Superblock> superblock) throws ArrayRefusedException {
        if (superblock.isEmpty()) {
            throw NonMemberRefusal.refusal(device);
        }
        return new FoundDevice(device, superblock.get());
    }
}
