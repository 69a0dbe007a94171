package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import java.util.Optional;

/**
 * Finds the superblock of a device that the user gave as a member, or refuses the device in words that say what it is
 * instead. It stands above {@link SuperblockLocator}, because {@link NonMemberRefusal} itself looks for superblocks: in
 * partitions, and in front of the end of an image that is too long.
 */
public final class MemberLocator {
    private MemberLocator() {}

    /**
     * As {@link SuperblockLocator#find}, but a device without a superblock is refused, in words that say what it is instead; and so is a
     * disk whose superblock can't be used, if its partitions are members.
     */
    public static FoundDevice require(BlockDevice device) throws DeviceException, ArrayRefusedException {
        Optional<Superblock> superblock;
        try {
            superblock = SuperblockLocator.find(device);
        } catch (ArrayRefusedException e) {
            throw NonMemberRefusal.inPlaceOf(e, device).orElse(e);
        }
        return found(device, superblock);
    }

    /**
     * As {@link #require}, for a caller who will never write: an image that is longer than the disk was is taken,
     * without what lies behind the disk's end.
     *
     * @return a device that is only read; {@code device} has to stay open as long
     */
    public static FoundDevice requireForReading(BlockDevice device) throws DeviceException, ArrayRefusedException {
        Optional<FoundDevice> overlong = findOverlong(device);
        return overlong.isPresent() ? overlong.get() : require(device);
    }

    /**
     * The device as long as the disk was, and its superblock; empty unless there is one there and none at its place.
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

    /** As {@link SuperblockLocator#findCertain}, but a device without a superblock is refused as {@link #require} does. */
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
