package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Refuses a new array in which one device is much smaller than the others, because it was probably given by mistake:
 * the smallest device limits how much of each device is used. mdadm asks the user if the largest device exceeds the
 * smallest by more than 1 %. mdfuse does not ask, so its limit is 10 %: drives of one nominal size differ by a few per
 * cent.
 */
final class UnequalMembers {
    private static final long LEAST_TENTHS = 9;

    private UnequalMembers() {}

    /**
     * Refuses members and spares of very unequal size.
     *
     * @throws ArrayRefusedException UNSAFE; the message names the device that limits the array, and the option that
     *     accepts it
     */
    static void refuse(NewDevices devices) throws ArrayRefusedException {
        List<BlockDevice> all = new ArrayList<>();
        devices.slots().forEach(slot -> slot.ifPresent(all::add));
        all.addAll(devices.spares());
        if (all.isEmpty()) {
            return;
        }
        BlockDevice smallest = all.getFirst();
        BlockDevice largest = all.getFirst();
        for (BlockDevice device : all) {
            smallest = device.sizeBytes() < smallest.sizeBytes() ? device : smallest;
            largest = device.sizeBytes() > largest.sizeBytes() ? device : largest;
        }
        if (smallest.sizeBytes() / LEAST_TENTHS < largest.sizeBytes() / 10) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    smallest.name() + ": has only " + size(smallest) + " where " + largest.name() + " has "
                            + size(largest) + ", and no more than that would be used of any member; give a larger"
                            + " device, or accept that with --run");
        }
    }

    private static String size(BlockDevice device) {
        return String.format(Locale.ROOT, "%.1f MiB", device.sizeBytes() / (double) (1 << 20));
    }
}
